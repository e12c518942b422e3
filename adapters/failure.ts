import { types } from "node:util";
import { failedCallOf } from "./failed-calls.ts";

/** How many errors of an AggregateError are shown. */
const errorsMax = 3;

/**
 * Returns what may be logged of an error and its causes: names, codes, places in the code, and the
 * failed call of the table or the queue.
 *
 * The message is included only if AWS wrote it. Other messages may quote their input: a JSON parser
 * quotes the text, an HTTP client the URL.
 */
export const failureFields = (error: unknown): Readonly<Record<string, unknown>> => {
  // Not `instanceof`: an error may come from another realm, such as that of a test.
  if (!types.isNativeError(error)) return { error: typeof error };
  const { code, $fault, $metadata } = error as {
    code?: unknown;
    $fault?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  return {
    error: error.name,
    ...failedCallOf(error),
    ...(code !== undefined && { code }),
    // Only what AWS answered has `$fault`; the SDK puts `$metadata` on every error it meets.
    ...($fault !== undefined && {
      awsStatus: $metadata?.httpStatusCode,
      awsMessage: error.message,
    }),
    at: frames.slice(0, 5).map((line) => line.trim()),
    ...(error.cause !== undefined && { cause: failureFields(error.cause) }),
    ...("errors" in error &&
      Array.isArray(error.errors) && {
        errors: error.errors.slice(0, errorsMax).map(failureFields),
      }),
  };
};

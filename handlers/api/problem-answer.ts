import type { Context } from "hono";
import type { Log } from "../../adapters/log.ts";
import type { Metrics } from "../../adapters/metrics.ts";
import type { MessageKey } from "../../domain/message.ts";
import { documentOf, Problem, type ProblemCode, retryAfterSeconds } from "../../domain/problem.ts";

/**
 * Returns the problem of a request for its line in the log, by what was thrown, if anything was.
 */
export const problemCodeOf = (error: unknown): ProblemCode | undefined => {
  if (error === undefined) return undefined;
  return error instanceof Problem ? error.code : "SYSTEM_ERROR";
};

/** Says when to repeat the request. Every answer with a SYSTEM_ERROR does. */
export const askToRetry = (context: Context): void =>
  context.header("retry-after", String(retryAfterSeconds));

/**
 * Returns the answer to a request that met a problem (RFC 9457). Problems are rendered nowhere
 * else.
 */
export const problemAnswer = (context: Context, problem: Problem): Response => {
  const document = documentOf(problem);
  context.header("content-type", "application/problem+json");
  if (problem.code === "SYSTEM_ERROR") askToRetry(context);
  if (problem.code === "UNAUTHENTICATED") context.header("www-authenticate", "Bearer");
  return context.body(JSON.stringify(document), document.status);
};

/** A caller is told nothing of an error of ours. */
const systemError = (cause: unknown): Problem =>
  new Problem(
    "SYSTEM_ERROR",
    "Something on our side did not answer. Repeating the same request is safe.",
    { cause },
  );

/**
 * Returns the problem that the caller sees. Any other error is ours: it is logged and
 * counted.
 */
export const problemOf = (
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
  error: unknown,
  about: Partial<MessageKey> | undefined,
): Problem => {
  if (error instanceof Problem) return error;
  log.failure("request failed", error, about);
  metrics.count("SystemErrors");
  return systemError(error);
};

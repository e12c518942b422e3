import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { limits } from "../../domain/limits.ts";
import { Problem } from "../../domain/problem.ts";
import type { ApiEnv } from "./env.ts";

const tooLarge = (bytesMax: number): Problem =>
  new Problem("PAYLOAD_TOO_LARGE", `The request is larger than ${bytesMax} bytes.`);

const limitTo = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: () => {
      throw tooLarge(maxSize);
    },
  });

/** Returns the length that a request declares, if whoever received it has held its body to that. */
const declaredBytes = ({ headers }: Request): number | undefined => {
  const length = headers.get("content-length");
  const isDeclared = length !== null && !headers.has("transfer-encoding");
  return isDeclared && /^\d+$/.test(length) ? Number(length) : undefined;
};

const bytesOf = async (context: Context, bytesMax: number): Promise<ArrayBuffer> => {
  try {
    const bytes = declaredBytes(context.req.raw);
    if (bytes !== undefined && bytes > bytesMax) throw tooLarge(bytesMax);
    // Without a length the body is counted as a stream, which takes longer than to read it.
    if (bytes === undefined) await limitTo(bytesMax)(context, async () => {});
    return await context.req.raw.arrayBuffer();
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem("VALIDATION_ERROR", "The request ended early.", {
      issues: [{ path: [], message: "ends before its body is complete" }],
      cause,
    });
  }
};

/**
 * Reads the body of a request. Throws PAYLOAD_TOO_LARGE as soon as it is too large, and
 * VALIDATION_ERROR if it ends early: a sender that hangs up is not a failure of ours.
 */
export const readBody = (
  context: Context<ApiEnv>,
  bytesMax: number = limits.requestBytesMax,
): Promise<ArrayBuffer> => {
  const whileReading = context.env?.whileReading;
  const read = () => bytesOf(context, bytesMax);
  return whileReading ? whileReading(read) : read();
};

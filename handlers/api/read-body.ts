import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { limits } from "../../domain/limits.ts";
import { Problem } from "../../domain/problem.ts";
import type { ApiEnv } from "./env.ts";

const limitTo = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: () => {
      throw new Problem("PAYLOAD_TOO_LARGE", `The request is larger than ${maxSize} bytes.`);
    },
  });

const bytesOf = async (context: Context, bytesMax: number): Promise<ArrayBuffer> => {
  try {
    await limitTo(bytesMax)(context, async () => {});
    return await context.req.raw.arrayBuffer();
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem("VALIDATION_ERROR", "The request broke off.", {
      issues: [{ path: [], message: "ends before its body does" }],
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

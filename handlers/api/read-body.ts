import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { limits } from "../../domain/limits.ts";
import { Problem } from "../../domain/problem.ts";

/** What a server may hand over with each request. */
export type Bindings = {
  /** Has the body read as the server sees fit, which may refuse it with a problem instead. */
  readonly whileReading?: <Result>(read: () => Promise<Result>) => Promise<Result>;
};

const limitBody = bodyLimit({
  maxSize: limits.requestBytesMax,
  onError: () => {
    throw new Problem(
      "PAYLOAD_TOO_LARGE",
      `The request is larger than ${limits.requestBytesMax} bytes.`,
    );
  },
});

const bytesOf = async (context: Context): Promise<ArrayBuffer> => {
  try {
    await limitBody(context, async () => {});
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
 * The bytes of a request's body. Throws PAYLOAD_TOO_LARGE as soon as it is too large, and
 * VALIDATION_ERROR if it breaks off: a sender that hangs up is no failure of ours.
 */
export const readBody = (context: Context): Promise<ArrayBuffer> => {
  const { whileReading }: Bindings = context.env ?? {};
  const read = () => bytesOf(context);
  return whileReading ? whileReading(read) : read();
};

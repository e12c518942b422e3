import { Hono } from "hono";
import type { TerminalLog } from "./terminal-log.ts";

/**
 * Counts the bytes of a body as they arrive and keeps none: it may have any size. Returns `undefined`
 * if the client hangs up before the end.
 */
const sizeOf = async ({ body }: Request): Promise<number | undefined> => {
  let bytes = 0;
  try {
    for await (const chunk of body ?? []) bytes += chunk.byteLength;
  } catch {
    return undefined;
  }
  return bytes;
};

/**
 * Creates a target to try things out with: it accepts anything and answers 200, or the status that
 * `?status=503` asks for. It logs the size of what arrived.
 */
export const echo = (log: Pick<TerminalLog, "arrival">): Hono => {
  const app = new Hono();
  app.all("/echo", async (context) => {
    const asked = Number(context.req.query("status") ?? 200);
    const status = Number.isInteger(asked) && asked >= 200 && asked <= 599 ? asked : 400;
    const bytes = await sizeOf(context.req.raw);
    // Nobody reads this answer.
    if (bytes === undefined) return new Response(null, { status: 400 });
    const messageId = context.req.header("postrider-message-id");
    log.arrival({ messageId, bytes, httpStatus: status });
    // These have no body (RFC 9110, 15.3.5 and 15.4.5).
    const isEmpty = status === 204 || status === 205 || status === 304;
    return isEmpty
      ? new Response(null, { status })
      : Response.json({ received: true, bytes }, { status });
  });
  return app;
};

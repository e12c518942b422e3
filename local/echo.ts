import { Hono } from "hono";
import type { TerminalLog } from "./terminal-log.ts";

/** Counts the bytes of a body as they come and keeps none: it may be of any size. */
const sizeOf = async ({ body }: Request): Promise<number> => {
  let bytes = 0;
  for await (const chunk of body ?? []) bytes += chunk.byteLength;
  return bytes;
};

/**
 * A target to try things out with: takes anything and answers 200, or the status that
 * `?status=503` asks for. It tells the terminal what came, by its size.
 */
export const echo = (log: Pick<TerminalLog, "arrival">): Hono => {
  const app = new Hono();
  app.all("/echo", async (context) => {
    const asked = Number(context.req.query("status") ?? 200);
    const status = Number.isInteger(asked) && asked >= 200 && asked <= 599 ? asked : 400;
    const bytes = await sizeOf(context.req.raw);
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

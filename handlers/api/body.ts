import type { Hono, MiddlewareHandler } from "hono";
import type { Clock } from "../../adapters/clock.ts";
import type { Message } from "../../domain/message.ts";
import { bodyShown } from "../../domain/redact.ts";
import type { MessageStore } from "../../entities/message.ts";
import type { PayloadStore } from "../../entities/payload.ts";
import { invalidState } from "../steer/invalid-state.ts";
import type { ApiEnv } from "./env.ts";
import { findMessage, noteMessage } from "./message-in-path.ts";

type BodyDeps = {
  readonly messages: MessageStore;
  readonly payloads: PayloadStore;
  readonly clock: Clock;
};

/** Returns the body as it is delivered. Throws INVALID_STATE if it was erased or is lost. */
const bodyOf = async (
  { payloads }: BodyDeps,
  message: Message,
): Promise<Uint8Array | undefined> => {
  if (message.erasedAt !== undefined) throw invalidState(message, "Its content was erased.");
  const payload = message.payload ? await payloads.get(message) : message;
  if (!payload) throw invalidState(message, "Its headers and body are no longer stored.");
  return payload.body;
};

/**
 * Adds the route of the body of a message. Whatever the message says that its body is, it is answered
 * as bytes to be saved: a browser must not run what a sender wrote as a page of this address.
 */
export const bodyRoute = (
  app: Hono<ApiEnv>,
  deps: BodyDeps,
  mayRead: MiddlewareHandler<ApiEnv>,
): void => {
  app.get("/:messageId/body", noteMessage, mayRead, async (context) => {
    const message = await findMessage(deps, context);
    const body = await bodyOf(deps, message);
    if (body === undefined) return context.body(null, 204);
    return context.body(Uint8Array.from(bodyShown(message, body)), 200, {
      "content-type": "application/octet-stream",
      "content-disposition": "attachment",
      "content-security-policy": "sandbox; default-src 'none'",
    });
  });
};

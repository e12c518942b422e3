import type { Context, MiddlewareHandler } from "hono";
import { isSenderId } from "../../domain/ids.ts";
import { Problem } from "../../domain/problem.ts";
import type { Sender, SenderStore } from "../../entities/sender.ts";
import type { ApiEnv } from "./env.ts";

export const noSender = (): Problem => new Problem("NOT_FOUND", "There is no such sender.");

/**
 * Returns the id that a path names, if a sender can have it: no other text can be a key of the
 * table.
 */
const senderIdIn = (context: Context): string | undefined => {
  const senderId = context.req.param("senderId") ?? "";
  return isSenderId(senderId) ? senderId : undefined;
};

/** Notes which sender a request is about, before anything can fail. */
export const noteSender: MiddlewareHandler<ApiEnv> = async (context, next) => {
  context.set("about", { senderId: senderIdIn(context) });
  await next();
};

/** Returns the sender that the path names. Throws NOT_FOUND if there is none. */
export const findSender = async (
  { senders }: { readonly senders: SenderStore },
  context: Context<ApiEnv>,
): Promise<Sender> => {
  const senderId = senderIdIn(context);
  const sender = senderId !== undefined && (await senders.get(senderId));
  if (!sender) throw noSender();
  return sender;
};

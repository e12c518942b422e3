import type { Context, MiddlewareHandler } from "hono";
import type { Clock } from "../../adapters/clock.ts";
import { idOfPath, isMessageId, type PathId } from "../../domain/ids.ts";
import type { Message } from "../../domain/message.ts";
import type { MessageStore } from "../../entities/message.ts";
import { noMessage } from "../steer/invalid-state.ts";
import { invalid } from "../submission/issues.ts";
import type { ApiEnv } from "./env.ts";

type Deps = { readonly messages: MessageStore; readonly clock: Clock };

/** Returns the id in a path, from the text that came: the framework decodes leniently. */
const namedIn = ({ req }: Context): PathId =>
  idOfPath(/\/v1\/messages\/([^/?#]*)/.exec(req.url)?.[1] ?? "");

/** Returns the id that a path names, if a message can have it. */
const messageIdIn = (context: Context): string | undefined => {
  const named = namedIn(context);
  return named.kind === "id" && isMessageId(named.messageId) ? named.messageId : undefined;
};

/** Notes which message a request is about, before anything can fail. */
export const noteMessage: MiddlewareHandler<ApiEnv> = async (context, next) => {
  context.set("about", { messageId: messageIdIn(context) });
  await next();
};

/** What is read of a message under a path of its own. */
const parts = ["attempts", "body", "history", "why"];

/**
 * Refuses a path for a part of a message if a message has that whole text for its id: a gateway
 * that decodes paths makes one of the two of the other.
 */
const refuseTwo = async (
  { messages, clock }: Deps,
  context: Context<ApiEnv>,
  named: PathId,
): Promise<void> => {
  const part = parts.find((each) => context.req.path.endsWith(`/${each}`));
  const isRead = context.req.method === "GET" || context.req.method === "HEAD";
  if (named.kind === "fault" || named.isExact || part === undefined || !isRead) return;
  const { senderId } = context.var.caller.sender;
  const messageId = `${named.messageId}/${part}`;
  if (!isMessageId(messageId)) return;
  const other = await messages.get({ senderId, messageId }, clock());
  if (!other) return;
  const message = `with /${part} is the id of a message too: write it as ~ and its base64url`;
  throw invalid([{ path: ["messageId"], message }]);
};

/**
 * Returns the message that the path names. Throws VALIDATION_ERROR if the path names no id, or may
 * stand for two, and NOT_FOUND if there is no such message of the caller's.
 */
export const findMessage = async (deps: Deps, context: Context<ApiEnv>): Promise<Message> => {
  const { senderId } = context.var.caller.sender;
  const named = namedIn(context);
  const messageId = messageIdIn(context);
  if (named.kind === "fault") throw invalid([{ path: ["messageId"], message: named.message }]);
  const message =
    messageId !== undefined && (await deps.messages.get({ senderId, messageId }, deps.clock()));
  await refuseTwo(deps, context, named);
  if (!message) throw noMessage();
  return message;
};

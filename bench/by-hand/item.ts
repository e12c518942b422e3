import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { idInKey, idOfKey } from "../../domain/ids.ts";
import type { BodyType, Message, MessageKey } from "../../domain/message.ts";
import type { Requested } from "../../domain/request.ts";

type Item = Record<string, AttributeValue>;

/** Returns the key of a message's item. */
export const keyOf = ({ senderId, messageId }: MessageKey): Item => ({
  pk: { S: `message#${senderId}#${idInKey(messageId)}` },
  sk: { S: "message" },
});

const optional = (name: string, value: AttributeValue | undefined): Item =>
  value === undefined ? {} : { [name]: value };
const number = (value: number): AttributeValue => ({ N: String(value) });

/** Returns the item that a new message is stored as, with the keys of its two indexes. */
export const itemOf = (message: Message): Item => ({
  ...keyOf(message),
  bySenderPk: { S: `sender#${message.senderId}#${message.senderShard}` },
  bySenderSk: { S: String(message.createdAt).padStart(14, "0") },
  senderId: { S: message.senderId },
  messageId: { S: idInKey(message.messageId) },
  timestamp: { S: message.timestamp },
  targetUrl: { S: message.targetUrl },
  fingerprint: { S: message.fingerprint },
  submitId: { S: message.submitId },
  senderShard: { S: message.senderShard },
  status: { S: message.status },
  attempts: number(message.attempts),
  attemptsAllowed: number(message.attemptsAllowed),
  attemptsBefore: number(message.attemptsBefore),
  replays: number(message.replays),
  giveUpAt: number(message.giveUpAt),
  retentionDays: number(message.retentionDays),
  createdAt: number(message.createdAt),
  updatedAt: number(message.updatedAt),
  pendingAt: number(message.pendingAt),
  ttl: number(message.ttl),
  ...optional("dueShard", message.dueShard === undefined ? undefined : { S: message.dueShard }),
  ...optional("dueAt", message.dueAt === undefined ? undefined : number(message.dueAt)),
  ...optional("notBefore", message.notBefore === undefined ? undefined : number(message.notBefore)),
  ...optional("body", message.body && { B: message.body }),
  ...optional("bodyType", message.bodyType && { S: message.bodyType }),
  ...optional("method", message.method === undefined ? undefined : { S: message.method }),
  ...optional(
    "headers",
    message.headers && {
      M: Object.fromEntries(
        Object.entries(message.headers).map(([name, value]) => [name, { S: value }]),
      ),
    },
  ),
});

/** Returns what a worker needs of a stored message. */
export const requestedOf = (item: Item): Requested & { readonly createdAt: number } => ({
  senderId: item["senderId"]?.S ?? "",
  messageId: idOfKey(item["messageId"]?.S ?? ""),
  targetUrl: item["targetUrl"]?.S ?? "",
  attempts: Number(item["attempts"]?.N),
  replays: Number(item["replays"]?.N),
  createdAt: Number(item["createdAt"]?.N),
  ...(item["method"]?.S !== undefined && { method: item["method"].S }),
  ...(item["body"]?.B && { body: item["body"].B }),
  ...(item["bodyType"]?.S !== undefined && { bodyType: item["bodyType"].S as BodyType }),
  ...(item["headers"]?.M && {
    headers: Object.fromEntries(
      Object.entries(item["headers"].M).map(([name, { S = "" }]) => [name, S]),
    ),
  }),
});

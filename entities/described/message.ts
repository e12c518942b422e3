import { CustomAttributeType } from "electrodb";
import { bodyTypes, failReasons, statuses } from "../../domain/message.ts";
import { createdAtChars } from "../message-item.ts";
import { tableDescription } from "../table.ts";
import {
  casing,
  type Described,
  headersAttribute,
  messageIdAttribute,
  oncePerStorage,
  service,
} from "./parts.ts";

const { key, indexes } = tableDescription;

const model = { service, entity: "message", version: "1" } as const;

const attributes = {
  senderId: { type: "string", required: true, readOnly: true },
  messageId: { ...messageIdAttribute, readOnly: true },
  timestamp: { type: "string", required: true, readOnly: true },
  targetUrl: { type: "string", required: true, readOnly: true },
  method: { type: "string", readOnly: true },
  // Not read-only: an erasure removes the content, and says that it is not here.
  headers: headersAttribute,
  body: { type: CustomAttributeType<Uint8Array>("any") },
  bodyType: { type: bodyTypes, readOnly: true },
  payload: { type: "boolean" },
  deliverAt: { type: "number", readOnly: true },
  redact: { type: "string", readOnly: true },
  trace: { type: CustomAttributeType<Uint8Array>("any"), readOnly: true },
  tracestate: { type: "string", readOnly: true },
  timeoutMs: { type: "number", readOnly: true },
  scheduleMs: { type: CustomAttributeType<readonly number[]>("any"), readOnly: true },
  retentionDays: { type: "number", required: true, readOnly: true },
  fingerprint: { type: "string", required: true, readOnly: true },

  status: { type: statuses, required: true },
  attempts: { type: "number", required: true },
  attemptsAllowed: { type: "number", required: true },
  attemptsBefore: { type: "number", required: true },
  replays: { type: "number", required: true },
  notBefore: { type: "number" },
  dueAt: { type: "number" },
  dueShard: { type: "string" },
  quarantinedAt: { type: "number" },
  giveUpAt: { type: "number", required: true },
  leaseUntil: { type: "number" },
  cancelRequestedAt: { type: "number" },
  // Described, not `any`: an undefined attribute in it is left out, not refused.
  lastOutcome: {
    type: "map",
    properties: {
      attempt: { type: "number", required: true },
      class: { type: "string", required: true },
      status: { type: "number" },
      at: { type: "number", required: true },
      took: { type: CustomAttributeType<readonly number[]>("any") },
    },
  },
  failReason: { type: failReasons },
  failedShard: { type: "string" },
  erasedAt: { type: "number" },
  senderShard: { type: "string", required: true, readOnly: true },
  unlisted: { type: "boolean", readOnly: true },

  submitId: { type: "string", required: true, readOnly: true },
  owner: { type: "string" },

  // Part of a sort key, which is text: padded to sort as a number.
  createdAt: {
    type: "number",
    required: true,
    readOnly: true,
    padding: { length: createdAtChars, char: "0" },
  },
  updatedAt: { type: "number", required: true },
  pendingAt: { type: "number", required: true },
  queuedAt: { type: "number" },
  processingAt: { type: "number" },
  completedAt: { type: "number" },
  failedAt: { type: "number" },
  cancelledAt: { type: "number" },
  ttl: { type: "number", required: true },
} as const;

const primary = {
  collection: "history",
  pk: { field: key.pk, composite: ["senderId", "messageId"], casing },
  sk: { field: key.sk, composite: [], casing },
} as const;

const bySender = {
  index: "bySender",
  pk: { field: indexes.bySender.pk, composite: ["senderId", "senderShard"], casing },
  sk: { field: indexes.bySender.sk, composite: ["createdAt"], casing },
} as const;

/** Removing the attribute removes the item from the index. */
const sparse = {
  due: {
    index: "due",
    pk: { field: indexes.due.pk, composite: ["dueShard"], casing },
    sk: { field: indexes.due.sk, composite: ["dueAt"], casing },
  },
  failed: {
    index: "failed",
    pk: { field: indexes.failed.pk, composite: ["failedShard"], casing },
    sk: { field: indexes.failed.sk, composite: ["failedAt"], casing },
  },
} as const;

/** The attributes and keys of a message. Use `MessageStore` to read and change it. */
export const messageEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity({ model, attributes, indexes: { primary, bySender, ...sparse } }, { client, table }),
);

import type { AuditedMessage, Fields, ReadHistory, Rule, StoredHistory } from "./audit-rule.ts";
import { type Message, statuses } from "./message.ts";

const isNumber = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value);
const isText = (value: unknown): boolean => typeof value === "string";
const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const types = {
  text: isText,
  number: isNumber,
  boolean: (value: unknown) => typeof value === "boolean",
  bytes: (value: unknown) => value instanceof Uint8Array,
  "list of numbers": (value: unknown) => Array.isArray(value) && value.every(isNumber),
  "map of texts": (value: unknown) => isObject(value) && Object.values(value).every(isText),
  outcome: (value: unknown) =>
    isObject(value) &&
    isNumber(value["attempt"]) &&
    isText(value["class"]) &&
    isNumber(value["at"]) &&
    (value["status"] === undefined || isNumber(value["status"])),
} as const;
type Type = keyof typeof types;
type Optional<Given> = { readonly optional: Given };
const optional = <Given extends Type>(given: Given): Optional<Given> => ({ optional: given });

/** The type of each attribute; a new attribute of a message does not compile without its own. */
const shape = {
  // Their absence is the finding of a rule of its own.
  senderId: optional("text"),
  messageId: optional("text"),
  ttl: optional("number"),
  timestamp: "text",
  targetUrl: "text",
  method: optional("text"),
  headers: optional("map of texts"),
  body: optional("bytes"),
  bodyType: optional("text"),
  payload: optional("boolean"),
  deliverAt: optional("number"),
  timeoutMs: optional("number"),
  scheduleMs: optional("list of numbers"),
  retentionDays: "number",
  fingerprint: "text",
  status: "text",
  attempts: "number",
  attemptsAllowed: "number",
  attemptsBefore: "number",
  replays: "number",
  notBefore: optional("number"),
  dueAt: optional("number"),
  dueShard: optional("text"),
  giveUpAt: "number",
  leaseUntil: optional("number"),
  cancelRequestedAt: optional("number"),
  lastOutcome: optional("outcome"),
  failReason: optional("text"),
  failedShard: optional("text"),
  senderShard: "text",
  submitId: "text",
  owner: optional("text"),
  createdAt: "number",
  updatedAt: "number",
  pendingAt: "number",
  queuedAt: optional("number"),
  processingAt: optional("number"),
  completedAt: optional("number"),
  failedAt: optional("number"),
  cancelledAt: optional("number"),
} as const satisfies Record<keyof Message, Type | Optional<Type>>;

const faultOf = (name: string, expected: Type | Optional<Type>, value: unknown): string[] => {
  const type = typeof expected === "string" ? expected : expected.optional;
  if (value === undefined) return typeof expected === "string" ? [`${name} is missing`] : [];
  return types[type](value) ? [] : [`${name} is not a ${type}`];
};

const faultsOf = (fields: Fields): readonly string[] =>
  Object.entries(shape).flatMap(([name, expected]) => faultOf(name, expected, fields[name]));

const isKnownStatus = (status: unknown): boolean => statuses.some((known) => known === status);

/** Rules about items as they were read. Where one of the last two is broken, no other can be asked. */
export const shapeRules = [
  {
    id: "message-missing",
    wrong: "There are attempts that have not expired, and no message that they belong to.",
    remedy:
      "Someone deleted the message. Restore the table to a time before that, as a copy, and look there for it.",
    evidence: ({ message, attempts, now }) => {
      const kept = attempts.filter(({ fields }) => !(Number(fields["ttl"]) * 1000 <= now));
      return message === undefined && kept.length > 0
        ? `attempts without a message: ${kept.length}`
        : undefined;
    },
  },
  {
    id: "unknown-item",
    wrong: "There is an item of a kind or version that this version of Postrider does not know.",
    remedy:
      "If a newer version runs on this table, use its audit. If not, someone wrote the item by hand: look at it.",
    evidence: ({ strangers }) =>
      strangers > 0 ? `items of an unknown kind: ${strangers}` : undefined,
  },
  {
    id: "key-mismatch",
    wrong: "The ids in an item are not those of the key that it is stored under.",
    remedy:
      "Someone changed the item. Put back the ids that the key says; the key itself cannot be wrong.",
    evidence: ({ message, attempts, payloads }) => {
      if (message && !message.isUnderItsKey) return "the message has other ids than its key";
      if (attempts.some(({ isUnderItsKey }) => !isUnderItsKey))
        return "an attempt has other ids or another number than its key";
      return payloads.some(({ isUnderItsKey }) => !isUnderItsKey)
        ? "the payload has other ids or another fingerprint than its key"
        : undefined;
    },
  },
  {
    id: "malformed",
    wrong: "An attribute of the message is missing or has the wrong type.",
    remedy:
      "Someone changed the item, or a bug wrote it. Put the attribute back from a restored copy of the table.",
    evidence: ({ message }) => {
      const faults = message ? faultsOf(message.fields) : [];
      return faults.length > 0 ? faults.join(", ") : undefined;
    },
  },
  {
    id: "not-listed",
    wrong: "The message is missing from the index by sender, or has the wrong entry there.",
    remedy:
      "Set bySenderPk and bySenderSk of the item as other messages of this sender have them. Delivery does not depend on them.",
    unless: ["malformed"],
    evidence: ({ message }) =>
      message?.isListed === false
        ? "its keys for the index bySender are missing or wrong"
        : undefined,
  },
  {
    id: "unknown-status",
    wrong: "The status of the message is none that this version of Postrider knows.",
    remedy:
      "If a newer version wrote it, deploy that version again. If not, set the status that the times and attempts of the message show.",
    unless: ["malformed"],
    evidence: ({ message }) =>
      message === undefined || isKnownStatus(message.fields["status"])
        ? undefined
        : `its status is ${JSON.stringify(message.fields["status"])}`,
  },
] as const satisfies readonly Rule<ReadHistory>[];

/** The message of a history; nothing where its attributes are not what the code reads them as. */
export const readableMessage = ({ key, message }: StoredHistory): AuditedMessage | undefined => {
  if (message === undefined || faultsOf(message.fields).length > 0) return undefined;
  if (!isKnownStatus(message.fields["status"])) return undefined;
  // With the ids of the key: if they differ, that is one fault and not two.
  return { ...message.fields, ...key } as unknown as AuditedMessage;
};

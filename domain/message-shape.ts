import type { Message } from "./message.ts";

/** The attributes of an item as read. Each may be missing or have the wrong type. */
export type Fields = Readonly<Record<string, unknown>>;

const isNumber = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value);
const isText = (value: unknown): boolean => typeof value === "string";
const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isNumbers = (value: unknown): boolean => Array.isArray(value) && value.every(isNumber);

const types = {
  text: isText,
  number: isNumber,
  boolean: (value: unknown) => typeof value === "boolean",
  bytes: (value: unknown) => value instanceof Uint8Array,
  "list of numbers": isNumbers,
  "map of texts": (value: unknown) => isObject(value) && Object.values(value).every(isText),
  outcome: (value: unknown) =>
    isObject(value) &&
    isNumber(value["attempt"]) &&
    isText(value["class"]) &&
    isNumber(value["at"]) &&
    (value["status"] === undefined || isNumber(value["status"])) &&
    (value["took"] === undefined || isNumbers(value["took"])),
} as const;
type Type = keyof typeof types;
type Optional<Given> = { readonly optional: Given };
const optional = <Given extends Type>(given: Given): Optional<Given> => ({ optional: given });

/** The type of each attribute. A new attribute of `Message` does not compile without an entry. */
const shape = {
  // Another rule reports their absence.
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
  redact: optional("text"),
  trace: optional("bytes"),
  tracestate: optional("text"),
  fingerprint: "text",
  status: "text",
  attempts: "number",
  attemptsAllowed: "number",
  attemptsBefore: "number",
  replays: "number",
  notBefore: optional("number"),
  dueAt: optional("number"),
  dueShard: optional("text"),
  quarantinedAt: optional("number"),
  giveUpAt: "number",
  leaseUntil: optional("number"),
  cancelRequestedAt: optional("number"),
  lastOutcome: optional("outcome"),
  failReason: optional("text"),
  failedShard: optional("text"),
  erasedAt: optional("number"),
  senderShard: "text",
  unlisted: optional("boolean"),
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

/** The names of all attributes of a message. */
export const messageAttributes: ReadonlySet<string> = new Set(Object.keys(shape));

const faultOf = (name: string, expected: Type | Optional<Type>, value: unknown): string[] => {
  const type = typeof expected === "string" ? expected : expected.optional;
  if (value === undefined) return typeof expected === "string" ? [`${name} is missing`] : [];
  return types[type](value) ? [] : [`${name} is not a ${type}`];
};

/**
 * Returns a fault for each of these attributes (default: all) that is missing or of a wrong type.
 */
export const shapeFaults = (
  fields: Fields,
  names: readonly (keyof Message)[] = Object.keys(shape) as (keyof Message)[],
): readonly string[] => names.flatMap((name) => faultOf(name, shape[name], fields[name]));

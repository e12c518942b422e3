import type { ActionEntry } from "../../domain/action-entry.ts";
import type { Attempt } from "../../domain/attempt.ts";
import type { Job } from "../../domain/job.ts";
import type { Message } from "../../domain/message.ts";

/** An item with plain values. */
export type Fields = Readonly<Record<string, unknown>>;

/** An item, or a part of one, in DynamoDB's notation. */
export type Item = Readonly<Record<string, Value>>;
type Value = Readonly<Record<string, unknown>>;

const plainValueOf = (value: Value): unknown => {
  for (const type in value) {
    const given = value[type];
    if (type === "N") return Number(given);
    if (type === "L") return (given as readonly Value[]).map(plainValueOf);
    if (type === "M") return plainOf(given as Item);
    // As bytes in the notation of the SDK, or of JSON.
    if (type === "B" && typeof given === "string") return Buffer.from(given, "base64");
    return type === "NULL" ? null : given;
  }
  return null;
};

/** An item in plain values. */
export const plainOf = (item: Item): Fields => {
  const plain: Record<string, unknown> = {};
  for (const name in item) plain[name] = plainValueOf(item[name] as Value);
  return plain;
};

const rawValueOf = (value: unknown): Value => {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (value === null) return { NULL: true };
  if (value instanceof Uint8Array) return { B: value };
  if (Array.isArray(value)) return { L: value.map(rawValueOf) };
  return { M: rawOf(value as Fields) };
};

/** An item in DynamoDB's notation, as the SDK has it: bytes are bytes. */
export const rawOf = (item: Fields): Item => {
  const raw: Record<string, Value> = {};
  for (const name in item) if (item[name] !== undefined) raw[name] = rawValueOf(item[name]);
  return raw;
};

export const kindOf = (item: Fields | undefined): unknown => item?.["__edb_e__"];

const ofKind =
  <Kind>(kind: string) =>
  (item: Fields | undefined): Kind | undefined =>
    item && kindOf(item) === kind ? (item as Kind) : undefined;

/** What an item is, as the table has it; nothing if it is another kind of item. */
export const messageOf = ofKind<Message>("message");
export const jobOf = ofKind<Job>("job");
export const actionOf = ofKind<ActionEntry>("action");
export const attemptOf = ofKind<Attempt>("attempt");

import {
  type AttributeValue,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import {
  type AnyChange,
  alwaysRemoved,
  evolve,
  isOwnWrite,
  type OnTransition,
  writes,
} from "../domain/change.ts";
import { type ChangeVerb, type Field, lifecycle, type Row } from "../domain/lifecycle.ts";
import type { Message, MessageKey } from "../domain/message.ts";
import { conditionalWrite } from "./conditional-write.ts";
import { messageIn, messageItemKey } from "./message-item.ts";
import { attributeValueOf } from "./raw-item.ts";
import { readItem } from "./read-item.ts";
import type { Storage } from "./storage.ts";

/** The result of a change: done by this call, or refused because its conditions did not hold. */
export type Changed =
  | { readonly kind: "done"; readonly message: Message }
  | { readonly kind: "lost"; readonly current?: Message };

/** What of an update depends on which fields have values, and on no value: it is made once. */
type Texts = {
  readonly expressions: Pick<
    UpdateItemCommandInput,
    "UpdateExpression" | "ConditionExpression" | "ExpressionAttributeNames"
  >;
  /** The names of the values in them: of those that are set, as seen, and not to be exceeded. */
  readonly labels: Readonly<Record<"set" | "seen" | "max", readonly Label[]>>;
  /** The values that are always the same. */
  readonly constants: Readonly<Record<string, AttributeValue>>;
};
type Label = readonly [name: string, field: Field];

const labelled = (prefix: string, fields: readonly Field[]): readonly Label[] =>
  fields.map((field) => [`:${prefix}${field}`, field]);

/**
 * Returns the conditions of a row as a condition expression: the same as `allows` checks in memory.
 */
const conditionOf = (row: Row, seen: readonly Field[], name: (field: Field) => string): string => {
  const isAsSeen = (field: Field): string =>
    seen.includes(field)
      ? `${name(field)} = :seen_${field}`
      : `attribute_not_exists(${name(field)})`;
  return [
    `(${row.from.map((status) => `${name("status")} = :is${status}`).join(" OR ")})`,
    ...row.seen.map(isAsSeen),
    ...row.notAfter.map((field) => `${name(field)} <= :max_${field}`),
    ...row.absent.map((field) => `attribute_not_exists(${name(field)})`),
    ...row.present.map((field) => `attribute_exists(${name(field)})`),
  ].join(" AND ");
};

const updateOf = (row: Row, set: readonly Field[], name: (field: Field) => string): string =>
  [
    `SET ${set.map((field) => `${name(field)} = :${field}`).join(", ")}`,
    ...(row.count.length > 0 ? [`ADD ${row.count.map((field) => `${name(field)} :one`)}`] : []),
    `REMOVE ${[...row.remove, ...alwaysRemoved].map(name).join(", ")}`,
  ].join(" ");

const newTexts = (row: Row, set: readonly Field[], seen: readonly Field[]): Texts => {
  const names: Record<string, string> = {};
  const name = (field: Field): string => {
    names[`#${field}`] = field;
    return `#${field}`;
  };
  const states = row.from.map((status) => [`:is${status}`, { S: status }] as const);
  return {
    expressions: {
      UpdateExpression: updateOf(row, set, name),
      ConditionExpression: conditionOf(row, seen, name),
      ExpressionAttributeNames: names,
    },
    labels: {
      set: labelled("", set),
      seen: labelled("seen_", seen),
      max: labelled("max_", row.notAfter),
    },
    constants: {
      ...Object.fromEntries(states),
      ...(row.count.length > 0 && { ":one": { N: "1" } }),
    },
  };
};

/** A verb has few texts, as few of its fields may be absent. */
const known = new Map<string, Texts>();
const textsOf = (verb: ChangeVerb, set: readonly Field[], seen: readonly Field[]): Texts => {
  const key = `${verb} ${set} ${seen}`;
  const texts = known.get(key) ?? newTexts(lifecycle[verb], set, seen);
  known.set(key, texts);
  return texts;
};

const fieldsOf = (fields: Partial<Message>) => Object.keys(fields) as readonly Field[];

const commandOf = (
  table: string,
  verb: ChangeVerb,
  key: MessageKey,
  change: AnyChange,
): UpdateItemCommand => {
  const row: Row = lifecycle[verb];
  const written = writes(verb, change);
  const set = fieldsOf(written);
  const seen = row.seen.filter((field) => change.seen?.[field] !== undefined);
  const { expressions, labels, constants } = textsOf(verb, set, seen);
  const values: Record<string, AttributeValue> = { ...constants };
  for (const [label, field] of labels.seen) values[label] = attributeValueOf(change.seen?.[field]);
  for (const [label, field] of labels.max)
    values[label] = attributeValueOf(change.notAfter?.[field]);
  for (const [label, field] of labels.set) values[label] = attributeValueOf(written[field]);
  return new UpdateItemCommand({
    TableName: table,
    Key: messageItemKey(key),
    ...expressions,
    ExpressionAttributeValues: values,
    ...(change.before === undefined && { ReturnValues: "ALL_OLD" }),
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
};

/** Reads a message consistently from the base table, expired or not. */
export const readMessage = async (
  storage: Storage,
  key: MessageKey,
): Promise<Message | undefined> => {
  const item = await readItem(storage, messageItemKey(key));
  return item && messageIn(item);
};

/**
 * Makes one change by one conditional UpdateItem. The table returns the item as it was, unless the
 * caller has it, and `evolve` gives the new one; tests compare that with the table for every verb.
 *
 * A refusal may hide that an earlier try of the same write succeeded, so the item is checked for
 * that.
 */
export const changeMessage = async (
  storage: Storage,
  verb: ChangeVerb,
  { senderId, messageId }: MessageKey,
  change: AnyChange,
  onTransition: OnTransition,
): Promise<Changed> => {
  const { client, table } = storage;
  const key = { senderId, messageId };
  const command = commandOf(table, verb, key, change);
  const { rejected, item } = await conditionalWrite(client.send(command));
  const found = rejected || !change.before ? item && messageIn(item) : change.before;

  if (!rejected && found) {
    const message = evolve(verb, found, change);
    onTransition({ senderId, messageId, verb, from: found.status, to: message.status });
    return { kind: "done", message };
  }
  const current = found ?? (await readMessage(storage, key));
  if (!current || !isOwnWrite(verb, current, change)) return { kind: "lost", current };
  onTransition({ senderId, messageId, verb, to: current.status });
  return { kind: "done", message: current };
};

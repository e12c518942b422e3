import { type AttributeValue, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import {
  type AnyChange,
  alwaysRemoved,
  evolve,
  isOwnWrite,
  type OnTransition,
  writes,
} from "../domain/change.ts";
import { type ChangeVerb, type Field, lifecycle, type Row } from "../domain/lifecycle.ts";
import type { Message, MessageKey, Status } from "../domain/message.ts";
import { conditionalWrite } from "./conditional-write.ts";
import { messageIn, messageItemKey } from "./message-item.ts";
import { attributeValueOf } from "./raw-item.ts";
import { readItem } from "./read-item.ts";
import type { Storage } from "./storage.ts";

/** The result of a change: done by this call, or refused because its conditions did not hold. */
export type Changed =
  | { readonly kind: "done"; readonly message: Message }
  | { readonly kind: "lost"; readonly current?: Message };

/** Returns the parts of expressions, with the names and values that stand in them. */
const expressionParts = () => {
  const names: Record<string, string> = {};
  const values: Record<string, AttributeValue> = {};
  const name = (field: Field): string => {
    names[`#${field}`] = field;
    return `#${field}`;
  };
  const value = (label: string, given: unknown): string => {
    values[`:${label}`] = attributeValueOf(given);
    return `:${label}`;
  };
  return { names, values, name, value };
};
type Parts = ReturnType<typeof expressionParts>;

/**
 * Returns the conditions of a row as a condition expression: the same as `allows` checks in memory.
 */
const conditionOf = (row: Row, change: AnyChange, { name, value }: Parts): string => {
  const isFrom = (status: Status): string => `${name("status")} = ${value(`is${status}`, status)}`;
  const isAsSeen = (field: Field): string => {
    const seen = change.seen?.[field];
    return seen === undefined
      ? `attribute_not_exists(${name(field)})`
      : `${name(field)} = ${value(`seen_${field}`, seen)}`;
  };
  return [
    `(${row.from.map(isFrom).join(" OR ")})`,
    ...row.seen.map(isAsSeen),
    ...row.notAfter.map(
      (field) => `${name(field)} <= ${value(`max_${field}`, change.notAfter?.[field])}`,
    ),
    ...row.absent.map((field) => `attribute_not_exists(${name(field)})`),
    ...row.present.map((field) => `attribute_exists(${name(field)})`),
  ].join(" AND ");
};

const updateOf = (verb: ChangeVerb, change: AnyChange, { name, value }: Parts): string => {
  const row: Row = lifecycle[verb];
  const set = Object.entries(writes(verb, change)).map(
    ([field, written]) => `${name(field as Field)} = ${value(field, written)}`,
  );
  const counted = row.count.map((field) => `${name(field)} ${value("one", 1)}`);
  const removed = [...row.remove, ...alwaysRemoved].map(name);
  return [
    `SET ${set.join(", ")}`,
    ...(counted.length > 0 ? [`ADD ${counted.join(", ")}`] : []),
    `REMOVE ${removed.join(", ")}`,
  ].join(" ");
};

const commandOf = (
  table: string,
  verb: ChangeVerb,
  key: MessageKey,
  change: AnyChange,
): UpdateItemCommand => {
  const parts = expressionParts();
  return new UpdateItemCommand({
    TableName: table,
    Key: messageItemKey(key),
    UpdateExpression: updateOf(verb, change, parts),
    ConditionExpression: conditionOf(lifecycle[verb], change, parts),
    ExpressionAttributeNames: parts.names,
    ExpressionAttributeValues: parts.values,
    ReturnValues: "ALL_OLD",
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
 * Makes one change by one conditional UpdateItem. The table returns the item as it was, and
 * `evolve` gives the new one; tests compare that with the table for every verb.
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
  const found = item && messageIn(item);

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

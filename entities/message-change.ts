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
import type { MessageEntity } from "./message-entity.ts";
import { conditionally, plainly, stored } from "./storage.ts";

/** The result of a change: done by this call, or refused because its conditions did not hold. */
export type Changed =
  | { readonly kind: "done"; readonly message: Message }
  | { readonly kind: "lost"; readonly current?: Message };

type Ops = {
  readonly eq: (attribute: unknown, value: unknown) => string;
  readonly lte: (attribute: unknown, value: unknown) => string;
  readonly exists: (attribute: unknown) => string;
  readonly notExists: (attribute: unknown) => string;
};

/**
 * The part of ElectroDB's update that is used: its own types cannot follow fields that are data.
 */
type Update = {
  readonly set: (values: object) => Update;
  readonly add: (values: object) => Update;
  readonly remove: (fields: readonly Field[]) => Update;
  readonly where: (
    condition: (attributes: Readonly<Record<Field, unknown>>, ops: Ops) => string,
  ) => Update;
  readonly go: (
    options: object,
  ) => Promise<{ readonly rejected?: boolean; readonly data: Message | null }>;
};

/**
 * Returns the conditions of a row as a condition expression: the same as `allows` checks in memory.
 */
const conditionOf =
  (row: Row, change: AnyChange) =>
  (at: Readonly<Record<Field, unknown>>, { eq, lte, exists, notExists }: Ops): string => {
    const isAsSeen = (field: Field): string => {
      const value = change.seen?.[field];
      return value === undefined ? notExists(at[field]) : eq(at[field], value);
    };
    return [
      `(${row.from.map((status) => eq(at.status, status)).join(" OR ")})`,
      ...row.seen.map(isAsSeen),
      ...row.notAfter.map((field) => lte(at[field], change.notAfter?.[field])),
      ...row.absent.map((field) => notExists(at[field])),
      ...row.present.map((field) => exists(at[field])),
    ].join(" AND ");
  };

/** Reads a message consistently from the base table, expired or not. */
export const readMessage = async (
  entity: MessageEntity,
  { senderId, messageId }: MessageKey,
): Promise<Message | undefined> => {
  const { data } = await entity
    .get(stored({ senderId, messageId }))
    .go({ ...plainly, consistent: true });
  return data ?? undefined;
};

/**
 * Makes one change by one conditional UpdateItem. The table returns the item as it was, and
 * `evolve` gives the new one; tests compare that with the table for every verb.
 *
 * A refusal may hide that an earlier try of the same write succeeded, so the item is checked for
 * that.
 */
export const changeMessage = async (
  entity: MessageEntity,
  verb: ChangeVerb,
  { senderId, messageId }: MessageKey,
  change: AnyChange,
  onTransition: OnTransition,
): Promise<Changed> => {
  const row: Row = lifecycle[verb];
  let update = (entity.patch(stored({ senderId, messageId })) as unknown as Update).set(
    writes(verb, change),
  );
  if (row.count.length > 0)
    update = update.add(Object.fromEntries(row.count.map((field) => [field, 1])));
  update = update.remove([...row.remove, ...alwaysRemoved]);

  const { rejected, data } = await update
    .where(conditionOf(row, change))
    .go({ ...conditionally, response: "all_old" });

  if (!rejected && data) {
    const message = evolve(verb, data, change);
    onTransition({ senderId, messageId, verb, from: data.status, to: message.status });
    return { kind: "done", message };
  }
  const current = data ?? (await readMessage(entity, { senderId, messageId }));
  if (!current || !isOwnWrite(verb, current, change)) return { kind: "lost", current };
  onTransition({ senderId, messageId, verb, to: current.status });
  return { kind: "done", message: current };
};

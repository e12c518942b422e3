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

/** What became of a change: it is done (by this call), or its conditions did not hold. */
export type Changed =
  | { readonly kind: "done"; readonly message: Message }
  | { readonly kind: "lost"; readonly current?: Message };

type Ops = {
  readonly eq: (attribute: unknown, value: unknown) => string;
  readonly lte: (attribute: unknown, value: unknown) => string;
  readonly exists: (attribute: unknown) => string;
  readonly notExists: (attribute: unknown) => string;
};

/** The library's update, as far as it is used; its own types cannot follow fields from a table. */
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

/** The row's conditions, in the table's language: what `allows` asks of a message in memory. */
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

/** Reads a message from the base table as it is now, expired or not. */
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
 * Makes one change: one conditional UpdateItem. The table answers with the item as it was, and
 * what it is now follows from the row; the tests hold that against the table for every verb.
 *
 * A refusal may hide that an earlier try of the same write succeeded, so the item is looked at.
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

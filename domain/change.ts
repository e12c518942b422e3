import {
  type ChangeVerb,
  type Field,
  lifecycle,
  type Row,
  stampOf,
  type Verb,
} from "./lifecycle.ts";
import type { Message, MessageKey, Status } from "./message.ts";

type FieldsOf<V extends ChangeVerb, Part extends keyof Row> = Extract<
  (typeof lifecycle)[V][Part & keyof (typeof lifecycle)[V]] extends readonly (infer F)[]
    ? F
    : never,
  Field
>;

/** A part of a change. It is absent where the row of the verb names no field for it. */
type Part<Name extends string, Given> = [keyof Given] extends [never]
  ? { readonly [N in Name]?: undefined }
  : { readonly [N in Name]: Given };

/** The verbs by which the holder of a lease ends its attempt. */
type HolderVerb = "complete" | "retry" | "fail" | "abandon";

/** The verbs of every message: they start from one state only, so the caller knows from which. */
type KnownBefore = "enqueue" | "complete";

type MustSet<V extends ChangeVerb> = {
  readonly [F in FieldsOf<V, "set">]-?: NonNullable<Message[F]>;
};
type MaySet<V extends ChangeVerb> = { readonly [F in FieldsOf<V, "maySet">]?: Message[F] };

/**
 * The arguments of a change: the time, the values that the caller saw, the times to compare with,
 * and the values to write. Derived from the row of the verb: a forgotten one does not compile.
 */
export type Change<V extends ChangeVerb> = {
  readonly now: number;
} & (V extends HolderVerb
  ? {
      /** The holder's token, by which it recognizes its own write. */ readonly owner:
        | string
        | undefined;
    }
  : { readonly owner?: undefined }) &
  (V extends KnownBefore
    ? {
        /**
         * The message as the caller has it. Then the table does not return it, and the message after
         * the change lacks what somebody else has changed since, which the conditions allow: a
         * request to cancel, or the time of the next check.
         */
        readonly before?: Message;
      }
    : { readonly before?: undefined }) &
  Part<"seen", Pick<Message, FieldsOf<V, "seen">>> &
  Part<"notAfter", { readonly [F in FieldsOf<V, "notAfter">]: number }> &
  ([FieldsOf<V, "set">] extends [never]
    ? { readonly set?: MaySet<V> }
    : { readonly set: MustSet<V> & MaySet<V> });

/** A change whose verb is known only at run time, for the stores and the interpreter. */
export type AnyChange = {
  readonly now: number;
  readonly before?: Message;
  readonly owner?: string;
  readonly seen?: Partial<Message>;
  readonly notAfter?: Partial<Message>;
  readonly set?: Partial<Message>;
};

/** A change of state that happened. `from` is absent if the answer to the write was lost. */
export type Transition = MessageKey & {
  readonly verb: Verb;
  readonly from?: Status;
  readonly to: Status;
};
export type OnTransition = (transition: Transition) => void;

/** Returns the state after a verb. */
export const statusAfter = (verb: ChangeVerb, before: Status): Status => {
  const { to } = lifecycle[verb];
  return to === "same" ? before : to;
};

/** Tells whether a message meets the conditions of a verb: the conditions that the table checks. */
export const allows = (verb: ChangeVerb, message: Message, change: AnyChange): boolean =>
  meets(lifecycle[verb], message, change);

/** Tells whether a message meets the conditions of a row, of the lifecycle or of a changed copy. */
export const meets = (row: Row, message: Message, change: AnyChange): boolean => {
  const isBy = (field: Field): boolean => {
    const at = message[field];
    const limit = change.notAfter?.[field];
    return typeof at === "number" && typeof limit === "number" && at <= limit;
  };
  return (
    row.from.includes(message.status) &&
    row.seen.every((field) => message[field] === change.seen?.[field]) &&
    row.notAfter.every(isBy) &&
    row.absent.every((field) => message[field] === undefined) &&
    row.present.every((field) => message[field] !== undefined)
  );
};

/** Returns the values that a verb writes: those given, the state, and the times it stamps. */
export const writes = (verb: ChangeVerb, change: AnyChange): Partial<Message> => {
  const row: Row = lifecycle[verb];
  const written: Partial<Record<Field, unknown>> = {};
  for (const field of [...row.set, ...row.maySet]) {
    const value = change.set?.[field];
    if (value !== undefined) written[field] = value;
  }
  if (row.to !== "same") {
    written.status = row.to;
    written[stampOf[row.to]] = change.now;
  }
  written.updatedAt = change.now;
  return written as Partial<Message>;
};

/** A message that could be changed is not stuck, so every change ends its quarantine. */
export const alwaysRemoved = ["quarantinedAt"] as const satisfies readonly Field[];

/** Returns the message after a change whose conditions held: exactly what the table then has. */
export const evolve = (verb: ChangeVerb, message: Message, change: AnyChange): Message => {
  const row: Row = lifecycle[verb];
  const after: Partial<Record<Field, unknown>> = { ...message, ...writes(verb, change) };
  for (const field of row.count) after[field] = Number(message[field] ?? 0) + 1;
  for (const field of [...row.remove, ...alwaysRemoved]) delete after[field];
  return after as Message;
};

/**
 * Tells whether a refused change was applied by an earlier try whose answer was lost: the SDK
 * retries writes by itself. The holder's token in the new state shows it.
 */
export const isOwnWrite = (verb: ChangeVerb, current: Message, change: AnyChange): boolean => {
  const row: Row = lifecycle[verb];
  const owner = change.set?.owner ?? change.owner;
  const attempts = (change.seen?.attempts ?? Number.NaN) + (row.count.includes("attempts") ? 1 : 0);
  return (
    owner !== undefined &&
    current.owner === owner &&
    (!row.seen.includes("attempts") || current.attempts === attempts) &&
    current.status === row.to
  );
};

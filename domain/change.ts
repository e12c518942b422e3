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
  Part<"seen", Pick<Message, FieldsOf<V, "seen">>> &
  Part<"notAfter", { readonly [F in FieldsOf<V, "notAfter">]: number }> &
  ([FieldsOf<V, "set">] extends [never]
    ? { readonly set?: MaySet<V> }
    : { readonly set: MustSet<V> & MaySet<V> });

/** A change whose verb is known only at run time, for the stores and the interpreter. */
export type AnyChange = {
  readonly now: number;
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
  const given = [...row.set, ...row.maySet]
    .map((field) => [field, change.set?.[field]] as const)
    .filter(([, value]) => value !== undefined);
  const state = row.to === "same" ? {} : { status: row.to, [stampOf[row.to]]: change.now };
  return { ...Object.fromEntries(given), ...state, updatedAt: change.now };
};

/** A message that could be changed is not stuck, so every change ends its quarantine. */
export const alwaysRemoved = ["quarantinedAt"] as const satisfies readonly Field[];

/** Returns the message after a change whose conditions held: exactly what the table then has. */
export const evolve = (verb: ChangeVerb, message: Message, change: AnyChange): Message => {
  const row: Row = lifecycle[verb];
  const counted = row.count.map((field) => [field, Number(message[field] ?? 0) + 1] as const);
  const removed: readonly string[] = [...row.remove, ...alwaysRemoved];
  const kept = Object.entries(message).filter(([field]) => !removed.includes(field));
  return {
    ...Object.fromEntries(kept),
    ...writes(verb, change),
    ...Object.fromEntries(counted),
  } as Message;
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

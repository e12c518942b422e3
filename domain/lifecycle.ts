import type { Message, Status } from "./message.ts";

export type Field = keyof Message;

/** Who makes a change. */
export type Actor = "ingestion" | "worker" | "dispatcher" | "sender" | "operator";

/** One row: a change of state, its conditions besides the status, and what it writes. */
export type Row = {
  /** The states it may start from; none: there is no such message, or it has expired. */
  readonly from: readonly Status[];
  readonly to: Status | "same";
  readonly by: readonly Actor[];
  /** Condition: these are as the caller saw them. */
  readonly seen: readonly Field[];
  /** Condition: these moments are not after the one that the caller gives. */
  readonly notAfter: readonly Field[];
  /** Condition: these are not there, or are. */
  readonly absent: readonly Field[];
  readonly present: readonly Field[];
  /** Written with a value that the caller gives; `maySet` only if it gives one. */
  readonly set: readonly Field[];
  readonly maySet: readonly Field[];
  /** Counted up by one. */
  readonly count: readonly Field[];
  readonly remove: readonly Field[];
  /** What the conditions are for, and what would happen without them. */
  readonly why: string;
};

const row = <const Given extends Partial<Row> & Pick<Row, "from" | "to" | "by" | "why">>(
  given: Given,
) =>
  ({
    seen: [],
    notAfter: [],
    absent: [],
    present: [],
    set: [],
    maySet: [],
    count: [],
    remove: [],
    ...given,
  }) as Omit<
    Record<"seen" | "notAfter" | "absent" | "present" | Written, readonly []>,
    keyof Given
  > &
    Given;
type Written = "set" | "maySet" | "count" | "remove";

/** A message that has ended is in no index of those to be looked after. */
const schedule = ["notBefore", "dueAt", "dueShard"] as const;

/**
 * The life of a message, as data. The write conditions, the types of the stores' verbs, the tests
 * of every cell and the page `docs/reference/lifecycle.md` are made from it.
 *
 * Every change is one conditional write. It also stamps `updatedAt` and the time of the state that
 * it leads to.
 */
export const lifecycle = {
  submit: row({
    from: [],
    to: "PENDING",
    by: ["ingestion"],
    why: "One pair of sender and message id is one message: the put is the duplicate check.",
  }),
  enqueue: row({
    from: ["PENDING"],
    to: "QUEUED",
    by: ["ingestion", "worker", "dispatcher"],
    seen: ["attempts", "notBefore"],
    maySet: ["dueAt"],
    why: "Says that the record of the next attempt is on the queue. A late one must not land on a message that has meanwhile failed an attempt and waits for its retry, without a record.",
  }),
  rollback: row({
    from: ["QUEUED"],
    to: "PENDING",
    by: ["ingestion", "worker", "dispatcher"],
    why: "The record turned out not to be on the queue. If another one is by then, it is claimed all the same.",
  }),
  claim: row({
    from: ["PENDING", "QUEUED"],
    to: "PROCESSING",
    by: ["worker"],
    seen: ["attempts"],
    notAfter: ["notBefore", "dueAt"],
    set: ["owner", "leaseUntil"],
    count: ["attempts"],
    why: "One holder for each attempt number: a doubled, late or stale record finds another number. A record that comes early must not skip the backoff. If the holder dies, the dispatcher looks soon after the lease is over. `dueAt` stays as it is: writing it would cost two more write units for every message.",
  }),
  claimAndReschedule: row({
    from: ["PENDING", "QUEUED"],
    to: "PROCESSING",
    by: ["worker"],
    seen: ["attempts"],
    notAfter: ["notBefore"],
    set: ["owner", "leaseUntil", "dueAt"],
    count: ["attempts"],
    why: "In place of claim, where the next look had been put off past the end of the lease. The lease and the look are one write, so that no crash leaves one without the other.",
  }),
  complete: row({
    from: ["PROCESSING"],
    to: "COMPLETED",
    by: ["worker"],
    seen: ["attempts"],
    set: ["lastOutcome"],
    remove: [...schedule, "leaseUntil"],
    why: "The number of the attempt is the fence: a holder that was overtaken cannot settle.",
  }),
  retry: row({
    from: ["PROCESSING"],
    to: "PENDING",
    by: ["worker"],
    seen: ["attempts"],
    absent: ["cancelRequestedAt"],
    set: ["notBefore", "dueAt", "lastOutcome"],
    remove: ["leaseUntil"],
    why: "The fence, as for complete.",
  }),
  fail: row({
    from: ["PROCESSING"],
    to: "FAILED",
    by: ["worker"],
    seen: ["attempts"],
    set: ["failReason", "failedShard", "lastOutcome"],
    remove: [...schedule, "leaseUntil"],
    why: "The fence, as for complete.",
  }),
  abandon: row({
    from: ["PROCESSING"],
    to: "CANCELLED",
    by: ["worker"],
    seen: ["attempts"],
    present: ["cancelRequestedAt"],
    set: ["lastOutcome"],
    remove: [...schedule, "leaseUntil"],
    why: "In place of retry, where the sender asked for it. The fence, as for complete.",
  }),
  release: row({
    from: ["PROCESSING"],
    to: "PENDING",
    by: ["dispatcher"],
    seen: ["attempts"],
    notAfter: ["leaseUntil"],
    absent: ["cancelRequestedAt"],
    set: ["notBefore", "dueAt", "lastOutcome"],
    remove: ["leaseUntil", "owner"],
    why: "The holder is gone: its lease is over by more than clocks may differ. A live holder keeps its message, and a newer attempt is not the one that was looked at. The holder's token is removed, so that it cannot take this change for its own.",
  }),
  releaseAsFailed: row({
    from: ["PROCESSING"],
    to: "FAILED",
    by: ["dispatcher"],
    seen: ["attempts"],
    notAfter: ["leaseUntil"],
    set: ["failReason", "failedShard", "lastOutcome"],
    remove: [...schedule, "leaseUntil", "owner"],
    why: "In place of release, where no attempt is left or it is too late for one.",
  }),
  releaseAsCancelled: row({
    from: ["PROCESSING"],
    to: "CANCELLED",
    by: ["dispatcher"],
    seen: ["attempts"],
    notAfter: ["leaseUntil"],
    present: ["cancelRequestedAt"],
    set: ["lastOutcome"],
    remove: [...schedule, "leaseUntil", "owner"],
    why: "In place of release, where the sender asked for it.",
  }),
  requestCancel: row({
    from: ["PROCESSING"],
    to: "same",
    by: ["sender"],
    set: ["cancelRequestedAt"],
    why: "The attempt in flight cannot be called back; no other follows it.",
  }),
  cancel: row({
    from: ["PENDING", "QUEUED"],
    to: "CANCELLED",
    by: ["sender"],
    remove: [...schedule],
    why: "A record that is still on the queue finds nothing to claim.",
  }),
  postpone: row({
    from: ["PENDING", "QUEUED", "PROCESSING"],
    to: "same",
    by: ["dispatcher"],
    seen: ["attempts", "dueAt"],
    set: ["dueAt"],
    why: "Nothing to do yet. Whoever moved the message meanwhile has said when to look again.",
  }),
  replay: row({
    from: ["COMPLETED", "FAILED", "CANCELLED"],
    to: "PENDING",
    by: ["sender", "operator"],
    seen: ["replays"],
    set: ["attemptsAllowed", "attemptsBefore", "giveUpAt", "notBefore", "dueAt", "dueShard", "ttl"],
    count: ["replays"],
    remove: [
      ...["cancelRequestedAt", "failReason", "failedShard", "completedAt"],
      ...["failedAt", "cancelledAt"],
    ] as const,
    why: "Of two replays at once, one counts. Whoever replays must have seen the message ended: attempts are allowed anew on top of those that it saw.",
  }),
} as const satisfies Record<string, Row>;

export type Verb = keyof typeof lifecycle;

/** Every verb but submit, which is a put: those that change a message that is there. */
export type ChangeVerb = Exclude<Verb, "submit">;

export const verbs = Object.keys(lifecycle) as readonly Verb[];
export const changeVerbs = verbs.filter((verb): verb is ChangeVerb => verb !== "submit");

/** The field that tells when a message was last in a state. */
export const stampOf = {
  PENDING: "pendingAt",
  QUEUED: "queuedAt",
  PROCESSING: "processingAt",
  COMPLETED: "completedAt",
  FAILED: "failedAt",
  CANCELLED: "cancelledAt",
} as const satisfies Record<Status, Field>;

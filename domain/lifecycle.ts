import type { Message, Status } from "./message.ts";

export type Field = keyof Message;

/** The parts of the system that make changes. The dispatcher also does what jobs are for. */
export type Actor = "ingestion" | "worker" | "dispatcher" | "sender";

/** One change of state: its conditions besides the status, and what it writes. */
export type Row = {
  /** The states it may start from. Empty: there is no such message, or it has expired. */
  readonly from: readonly Status[];
  readonly to: Status | "same";
  readonly by: readonly Actor[];
  /** Condition: these fields have the values that the caller saw. */
  readonly seen: readonly Field[];
  /** Condition: these times are not after the ones that the caller gives. */
  readonly notAfter: readonly Field[];
  /** Condition: these fields are absent, or present. */
  readonly absent: readonly Field[];
  readonly present: readonly Field[];
  /** Written with the caller's values; those of `maySet` only if given. */
  readonly set: readonly Field[];
  readonly maySet: readonly Field[];
  /** Incremented by one. */
  readonly count: readonly Field[];
  readonly remove: readonly Field[];
  /** Why the conditions are needed. Shown in `docs/reference/lifecycle.md`. */
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

/** The fields of the due index. A message that has ended is not in it. */
const schedule = ["notBefore", "dueAt", "dueShard"] as const;

/**
 * The lifecycle of a message as data. The write conditions, the types of the stores' verbs, the
 * tests of every cell and the page `docs/reference/lifecycle.md` are derived from it.
 *
 * Every change is one conditional write. It also stamps `updatedAt` and the time of the new state.
 */
export const lifecycle = {
  submit: row({
    from: [],
    to: "PENDING",
    by: ["ingestion"],
    why: "One pair of sender and message id is one message: the conditional put is the duplicate check.",
  }),
  enqueue: row({
    from: ["PENDING"],
    to: "QUEUED",
    by: ["ingestion", "worker", "dispatcher", "sender"],
    seen: ["attempts", "notBefore"],
    maySet: ["dueAt"],
    why: "Marks that the record of the next attempt is on the queue. A late write must not hit a message that has since failed an attempt and waits for its retry: it would be left without a record.",
  }),
  rollback: row({
    from: ["QUEUED"],
    to: "PENDING",
    by: ["ingestion", "worker", "dispatcher", "sender"],
    why: "The record is not on the queue after all. If another one is, it can still be claimed.",
  }),
  claim: row({
    from: ["PENDING", "QUEUED"],
    to: "PROCESSING",
    by: ["worker"],
    seen: ["attempts"],
    notAfter: ["notBefore", "dueAt"],
    set: ["owner", "leaseUntil"],
    count: ["attempts"],
    why: "Each attempt number has one holder: a doubled, late or stale record finds another number. An early record must not skip the backoff. If the holder dies, the dispatcher checks the message soon after the lease ends. `dueAt` is not written: that would cost two more write units per message.",
  }),
  claimAndReschedule: row({
    from: ["PENDING", "QUEUED"],
    to: "PROCESSING",
    by: ["worker"],
    seen: ["attempts"],
    notAfter: ["notBefore"],
    set: ["owner", "leaseUntil", "dueAt"],
    count: ["attempts"],
    why: "Replaces claim where the next check is later than the end of the lease. Lease and check are one write, so no crash leaves one without the other.",
  }),
  complete: row({
    from: ["PROCESSING"],
    to: "COMPLETED",
    by: ["worker"],
    seen: ["attempts"],
    set: ["lastOutcome"],
    remove: [...schedule, "leaseUntil"],
    why: "The attempt number is the fence: a holder that was overtaken cannot end the attempt.",
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
    why: "Replaces retry where the sender asked to cancel. The fence, as for complete.",
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
    why: "The holder is gone: its lease ended longer ago than clocks may differ. A live holder keeps its message, and a newer attempt is left alone. The holder's token is removed, so that it cannot mistake this change for its own.",
  }),
  releaseAsFailed: row({
    from: ["PROCESSING"],
    to: "FAILED",
    by: ["dispatcher"],
    seen: ["attempts"],
    notAfter: ["leaseUntil"],
    set: ["failReason", "failedShard", "lastOutcome"],
    remove: [...schedule, "leaseUntil", "owner"],
    why: "Replaces release where no attempt is left or it is too late for one.",
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
    why: "Replaces release where the sender asked to cancel.",
  }),
  requestCancel: row({
    from: ["PROCESSING"],
    to: "same",
    by: ["sender", "dispatcher"],
    set: ["cancelRequestedAt"],
    why: "The attempt in flight cannot be stopped; no other attempt follows it.",
  }),
  cancel: row({
    from: ["PENDING", "QUEUED"],
    to: "CANCELLED",
    by: ["sender", "dispatcher"],
    remove: [...schedule],
    why: "A record still on the queue finds nothing to claim.",
  }),
  sendNow: row({
    from: ["PENDING", "QUEUED"],
    to: "PENDING",
    by: ["sender"],
    seen: ["attempts", "notBefore"],
    set: ["notBefore", "dueAt"],
    why: "The next attempt need not wait any longer. Whoever asked saw the wait that this ends, and not a later one. A record that is on the queue already stays there: of two records for one attempt the claim drops the second.",
  }),
  postpone: row({
    from: ["PENDING", "QUEUED", "PROCESSING"],
    to: "same",
    by: ["dispatcher"],
    seen: ["attempts", "dueAt"],
    set: ["dueAt"],
    why: "Nothing to do yet. A change made in between has set its own time of the next check.",
  }),
  replay: row({
    from: ["COMPLETED", "FAILED", "CANCELLED"],
    to: "PENDING",
    by: ["sender", "dispatcher"],
    seen: ["replays"],
    absent: ["erasedAt"],
    set: [
      ...["owner", "attemptsAllowed", "attemptsBefore", "giveUpAt"],
      ...["notBefore", "dueAt", "dueShard", "ttl"],
    ] as const,
    count: ["replays"],
    remove: [
      ...["cancelRequestedAt", "failReason", "failedShard", "completedAt"],
      ...["failedAt", "cancelledAt"],
    ] as const,
    why: "Of two concurrent replays one counts. The caller must have seen the ended message: new attempts are allowed on top of those that it saw. The token replaces that of the last holder: by it the caller recognizes its own write. Of an erased message there is nothing left to send.",
  }),
  erase: row({
    from: ["COMPLETED", "FAILED", "CANCELLED"],
    to: "same",
    by: ["sender"],
    absent: ["erasedAt"],
    set: ["erasedAt", "payload"],
    remove: ["headers", "body"],
    why: "Content that may still be sent is not removed. Mark and removal are one write, so that no replay comes between them. The time of the first erasure stays. `payload` is set: whoever does not know the mark, as an older version, looks for the content in a payload item and finds none.",
  }),
} as const satisfies Record<string, Row>;

export type Verb = keyof typeof lifecycle;

/** The verbs that change an existing message: all but submit, which is a put. */
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

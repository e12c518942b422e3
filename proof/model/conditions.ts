import { lifecycle, type Row, type Verb, verbs } from "../../domain/lifecycle.ts";
import type { Invariant } from "../invariants/promises.ts";
import { type Config, defaults } from "./config.ts";

type Lifecycle = typeof lifecycle;
type Part = "seen" | "notAfter" | "absent" | "present";
const parts: readonly Part[] = ["seen", "notAfter", "absent", "present"];

type NameOf<V extends Verb> =
  | `${V}.from`
  | {
      [P in Part]: Lifecycle[V][P] extends readonly (infer Field extends string)[]
        ? `${V}.${P}.${Field}`
        : never;
    }[Part];

/** A condition of the lifecycle: `enqueue.seen.notBefore`; `from`: the states it may start from. */
export type ConditionName = { [V in Verb]: NameOf<V> }[Verb];

/** Where the lack of a condition is found, and what it breaks; or why nothing is found. */
export type Condition = {
  readonly name: ConditionName;
  readonly config: Config;
  /** Seconds rather than a moment: for `--conditions`, and too much for every test run. */
  readonly isLong: boolean;
} & (
  | { readonly breaks: Invariant; readonly follows?: undefined }
  | { readonly breaks?: undefined; readonly follows: string }
);
type Known = Partial<Config> & { readonly isLong?: boolean } & (
    | { readonly breaks: Invariant; readonly follows?: undefined }
    | { readonly breaks?: undefined; readonly follows: string }
  );

/** In the smallest world in which it shows: one submit, one worker, no fault, unless said. */
const smallest: Config = { ...defaults, ingestions: 1, workers: 1, faults: 0 };

const replayOnce = { attempts: 1, replays: 1, cancels: 1 } as const;
const overtaken = { workers: 2, faults: 1 } as const;
const erased = { attempts: 1, replays: 1, erases: 1 } as const;
const sentNow = { sendNows: 1, deliver: "near" } as const;
const asClaimed =
  "A message that has ended has no `notBefore`, and one that is PROCESSING has counted the attempt that the record is for.";
const leaseEnds = "A message that is not PROCESSING has no lease that could be over.";

/** Every condition of the table is here, or this does not compile. */
const known: Readonly<Record<ConditionName, Known>> = {
  "submit.from": { breaks: "one-message", ingestions: 2 },
  "enqueue.from": { breaks: "lifecycle" },
  "enqueue.seen.attempts": { breaks: "recorded", clocksDiffer: true, deliver: "near" },
  "enqueue.seen.notBefore": { breaks: "recorded", ...replayOnce },
  "rollback.from": { breaks: "lifecycle", faults: 1 },
  "claim.from": {
    follows: asClaimed,
    faults: 1,
    cancels: 1,
  },
  "claim.seen.attempts": { breaks: "not-early" },
  "claim.notAfter.notBefore": {
    breaks: "not-early",
    clocksDiffer: true,
    deliver: "near",
    faults: 1,
  },
  "claim.notAfter.dueAt": { breaks: "attended" },
  "claimAndReschedule.from": { follows: asClaimed, faults: 1, cancels: 1 },
  "claimAndReschedule.seen.attempts": { breaks: "not-early", workers: 2, faults: 1 },
  "claimAndReschedule.notAfter.notBefore": {
    follows:
      "It is asked only where the refused claim saw that the time had come, which is not moved while the number of attempts stays.",
    faults: 1,
  },
  "complete.from": { breaks: "lifecycle", faults: 1 },
  "complete.seen.attempts": { breaks: "earned", ...overtaken },
  "retry.from": { breaks: "lifecycle", faults: 1 },
  "retry.seen.attempts": { breaks: "one-holder", ...overtaken },
  "retry.absent.cancelRequestedAt": { breaks: "cancelled", cancels: 1 },
  "fail.from": { breaks: "lifecycle", faults: 1 },
  "fail.seen.attempts": { breaks: "one-holder", ...overtaken },
  "abandon.from": { breaks: "lifecycle", cancels: 1, faults: 1 },
  "abandon.seen.attempts": { breaks: "one-holder", cancels: 1, ...overtaken },
  "abandon.present.cancelRequestedAt": { breaks: "cancelled", mistake: "abandon-first" },
  "release.from": { follows: leaseEnds, faults: 1 },
  "release.seen.attempts": { breaks: "accountable", faults: 2 },
  "release.notAfter.leaseUntil": { breaks: "one-holder", faults: 1 },
  "release.absent.cancelRequestedAt": { breaks: "cancelled", cancels: 1, faults: 1 },
  "releaseAsFailed.from": { follows: leaseEnds, faults: 1 },
  "releaseAsFailed.seen.attempts": { breaks: "accountable", faults: 2, attempts: 1, replays: 1 },
  "releaseAsFailed.notAfter.leaseUntil": { breaks: "one-holder", attempts: 1, faults: 1 },
  "releaseAsCancelled.from": { follows: leaseEnds, faults: 1, cancels: 1 },
  // It takes a replay, and a second cancel, to come to a lost attempt that is not the one seen.
  "releaseAsCancelled.seen.attempts": {
    breaks: "accountable",
    faults: 2,
    cancels: 2,
    replays: 1,
    isLong: true,
  },
  "releaseAsCancelled.notAfter.leaseUntil": { breaks: "one-holder", cancels: 1, faults: 1 },
  "releaseAsCancelled.present.cancelRequestedAt": {
    breaks: "cancelled",
    mistake: "cancel-first",
    faults: 1,
  },
  "requestCancel.from": { breaks: "lifecycle", cancels: 1 },
  "cancel.from": { breaks: "lifecycle", cancels: 1 },
  "sendNow.from": { follows: asClaimed, ...sentNow, cancels: 1 },
  "sendNow.seen.attempts": { follows: "Each later wait has another `notBefore`.", ...sentNow },
  "sendNow.seen.notBefore": {
    follows:
      "While the number of attempts stays, the write can only be made once more: the record is sent twice, and the claim drops the second.",
    ...sentNow,
  },
  "postpone.from": {
    follows: "A message that has ended has no `dueAt` that could be as it was seen.",
    faults: 1,
    cancels: 1,
  },
  "postpone.seen.attempts": { breaks: "attended" },
  "postpone.seen.dueAt": { breaks: "looked-after", ...replayOnce },
  "replay.from": {
    follows:
      "A message that had ended when it was looked at, and was not replayed since, has ended.",
    ...replayOnce,
  },
  "replay.seen.replays": { breaks: "counted", attempts: 1, replays: 2, cancels: 1 },
  "replay.absent.erasedAt": { breaks: "erased", ...erased },
  "erase.from": { breaks: "lifecycle", ...erased },
  "erase.absent.erasedAt": {
    follows:
      "To erase again removes nothing more. The time of the first erasure is not in the model.",
    ...{ attempts: 1, erases: 2 },
  },
};

const names: readonly ConditionName[] = verbs.flatMap((verb) => {
  const row: Row = lifecycle[verb];
  const fields = parts.flatMap((part) => row[part].map((field) => `${part}.${field}`));
  return ["from", ...fields].map((condition) => `${verb}.${condition}` as ConditionName);
});

/** All conditions of the lifecycle, in its order. */
export const conditions: readonly Condition[] = names.map((name) => {
  const { breaks, follows, isLong = false, ...config } = known[name];
  const where = { name, isLong, config: { ...smallest, ...config } };
  return breaks === undefined ? { ...where, follows: follows ?? "" } : { ...where, breaks };
});

import { isTerminal } from "../../domain/message.ts";
import type { RunEvent } from "../edition/log.ts";
import { type Finding, findingsOf, nameOf } from "../invariants/judge.ts";
import { isSuccess } from "../invariants/past.ts";
import type { Invariant } from "../invariants/promises.ts";
import { isStranded, judgeStored } from "./alone.ts";
import { earlyRetries } from "./early.ts";
import { withFaultsExplained } from "./explained.ts";
import { forged, isStored, type Repeats, repeatsOf, strays, undelivered } from "./sightings.ts";

/** What a run was made with, as far as judging it takes. */
export type RunFacts = {
  readonly leaseMs: number;
  readonly clockMarginMs: number;
  readonly scheduleMs: readonly number[];
};

/** What may go wrong with a message, in the words in which one asks about a system like this. */
export const fates = [
  "lost",
  "unexpected",
  "altered",
  "early",
  "otherTenant",
  "duplicateUnexplained",
  "stranded",
  "other",
] as const;
export type Fate = (typeof fates)[number];
export type RunFinding = Finding & { readonly fate: Fate };

/** By the invariant that it breaks. One that has not ended is stranded; one that is gone is lost. */
const fateOf = ({ invariant, event }: Finding): Fate => {
  const others: Partial<Record<Invariant, Fate>> = {
    earned: "lost",
    ends: event.kind === "settled" ? "lost" : "stranded",
    separate: "unexpected",
    unchanged: "altered",
    "one-message": "altered",
    "not-early": "early",
    doubled: "duplicateUnexplained",
  };
  return others[invariant] ?? "other";
};

export type RunAudit = {
  readonly facts: {
    readonly messages: number;
    readonly acknowledged: number;
    readonly completed: number;
    readonly failed: number;
    readonly requests: number;
    readonly faults: number;
    /** Requests after one was accepted, by why. */
    readonly duplicates: Repeats;
    /** Not ended, and not yet due to be looked at. */
    readonly waiting: number;
  };
  /** Messages, by what went wrong with them: all have to be nought. */
  readonly counts: Readonly<Record<Fate, number>>;
  readonly findings: readonly RunFinding[];
};

/** How late the dispatcher may look at a message, on a machine that is busy. */
const strandedAfterMs = 60_000;
const resendAfterMs = 15 * 60_000;

const messagesIn = (log: readonly RunEvent[], isWanted: (event: RunEvent) => boolean): number =>
  new Set(
    log.flatMap((event) =>
      "key" in event && event.key && isWanted(event) ? [nameOf(event.key)] : [],
    ),
  ).size;

const findingsIn = (
  log: readonly RunEvent[],
  { clockMarginMs, leaseMs, scheduleMs }: RunFacts,
  now: number,
): readonly RunFinding[] => {
  const stored = log.filter(isStored);
  const alive = new Set(
    stored.filter(({ message }) => !isTerminal(message.status)).map(({ key }) => nameOf(key)),
  );
  const judged = withFaultsExplained([...log, { kind: "settled", at: now }], leaseMs);
  const found: readonly Finding[] = [
    // One that is still there is not lost: whether it is stranded is asked of the item below.
    ...findingsOf(judged, {
      clockMarginMs,
      resendAfterMs,
      lookAfterLeaseMs: clockMarginMs + 1,
    }).filter(({ invariant, message }) => invariant !== "ends" || !alive.has(message)),
    ...earlyRetries(log, scheduleMs, clockMarginMs),
    ...undelivered(log),
    ...forged(log),
    ...stored.flatMap((event) =>
      judgeStored(event, now, strandedAfterMs).map((violation) => ({
        ...{ ...violation, message: nameOf(event.key), event },
      })),
    ),
  ];
  return [
    ...found.map((finding) => ({ ...finding, fate: fateOf(finding) })),
    ...strays(log).map((finding) => ({ ...finding, fate: "otherTenant" as const })),
  ];
};

/**
 * Judges a run by what its sender, its receiver and its table say: one log of all of them, in the
 * order of time. `now` is when the table was read, after all that was to happen had happened.
 */
export const auditRun = (log: readonly RunEvent[], facts: RunFacts, now: number): RunAudit => {
  const findings = findingsIn(log, facts, now);
  const messages = log.filter(isStored);
  const having = (status: string) => messages.filter(({ message }) => message.status === status);
  const of = (fate: Fate) =>
    new Set(findings.filter((finding) => finding.fate === fate).map(({ message }) => message)).size;
  const waiting = messages.filter(
    (each) => !isTerminal(each.message.status) && !isStranded(each, now, strandedAfterMs),
  );
  return {
    findings,
    counts: Object.fromEntries(fates.map((fate) => [fate, of(fate)])) as Record<Fate, number>,
    facts: {
      messages: messagesIn(log, ({ kind }) => kind === "asked"),
      acknowledged: messagesIn(log, (event) => event.kind === "told" && isSuccess(event.status)),
      completed: having("COMPLETED").length,
      failed: having("FAILED").length,
      requests: log.filter(({ kind }) => kind === "requested").length,
      faults: log.filter((event) => event.kind === "fault" && !event.key).length,
      duplicates: repeatsOf(withFaultsExplained(log, facts.leaseMs)),
      waiting: waiting.length,
    },
  };
};

import { lifecycle, type Row } from "../../domain/lifecycle.ts";
import { isTerminal, type Message } from "../../domain/message.ts";
import { judgeByJob } from "./by-jobs.ts";
import type { Written } from "./events.ts";
import { isSuccess, type Past } from "./past.ts";
import type { Bounds, Violation } from "./promises.ts";

type Change = { readonly before: Message; readonly after: Message; readonly write: Written };

/** What was asked; a change of state has no business with it. */
const given = [
  ...["senderId", "messageId", "timestamp", "targetUrl", "method", "headers", "body", "bodyType"],
  ...["payload", "deliverAt", "timeoutMs", "scheduleMs", "retentionDays", "fingerprint"],
  ...["submitId", "createdAt", "senderShard", "unlisted"],
] as const satisfies readonly (keyof Message)[];

/** What an erasure takes out of a message. It also says that the content is elsewhere. */
const removedByErasure = ["headers", "body"] as const;

const same = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

const rows: readonly Row[] = Object.values(lifecycle);

/** What is written by the verbs that leave a state as it is. Each has fields of its own. */
const fieldsOfSame = rows.flatMap(({ to, set }) => (to === "same" ? set : []));

/** Whether the lifecycle has a row for this step, by one with this part in it. */
const isStep = ({ before, after, write }: Change): boolean => {
  const changed = fieldsOfSame.filter((field) => !same(before[field], after[field]));
  return rows.some(
    ({ from, to, by, set }) =>
      from.includes(before.status) &&
      (to === "same" ? before.status : to) === after.status &&
      // An erasure is no cancel, though both leave an ended message in its state.
      (to !== "same" || changed.every((field) => set.includes(field))) &&
      by.some((role) => role === write.role),
  );
};

const isClaim = ({ before, after }: Change): boolean =>
  after.status === "PROCESSING" && before.status !== "PROCESSING";

const isReplay = ({ before, after }: Change): boolean =>
  isTerminal(before.status) && !isTerminal(after.status);

const hasLeft = ({ before, after }: Change): boolean =>
  before.status === "PROCESSING" && after.status !== "PROCESSING";

/** What must be true of any item, whoever wrote it and whatever it was before. */
export const judgeItem = (message: Message): readonly Violation[] => {
  const { status, dueAt, dueShard, failedShard, attempts, attemptsAllowed, ttl, giveUpAt } =
    message;
  const isDue = dueAt !== undefined && dueShard !== undefined;
  const found: Violation[] = [];
  if (isDue === isTerminal(status) || (dueAt !== undefined) !== (dueShard !== undefined))
    found.push({ invariant: "indexed", what: `${status}, with dueAt ${dueAt} and ${dueShard}` });
  if ((failedShard !== undefined) !== (status === "FAILED"))
    found.push({ invariant: "indexed", what: `${status}, with failedShard ${failedShard}` });
  if (attempts > attemptsAllowed)
    found.push({ invariant: "counted", what: `${attempts} attempts of ${attemptsAllowed}` });
  if (!isTerminal(status) && ttl * 1000 <= giveUpAt)
    found.push({ invariant: "kept", what: `ttl ${ttl} is not beyond giveUpAt ${giveUpAt}` });
  return found;
};

/** Who may end an attempt: its holder; or the dispatcher, once the lease is over. */
const judgeLeaving = (past: Past, change: Change): readonly Violation[] => {
  const { before, after, write } = change;
  const found: Violation[] = [];
  const holder = past.holders[before.attempts];
  if (write.role === "worker" && holder !== undefined && holder !== write.by)
    found.push({
      invariant: "one-holder",
      what: `${write.by} settled attempt ${before.attempts}, which ${holder} holds`,
    });
  const { leaseUntil = 0 } = before;
  if (write.role === "dispatcher" && leaseUntil > write.at && !past.isClockBroken)
    found.push({
      invariant: "one-holder",
      what: `attempt ${before.attempts} was released ${leaseUntil - write.at} ms before its lease was over`,
    });
  const told = after.lastOutcome?.attempt;
  if (told !== undefined && told !== before.attempts)
    found.push({
      invariant: "accountable",
      what: `attempt ${before.attempts} ended with what came of attempt ${told}`,
    });
  if (after.failReason === "attempts-exhausted" && after.attempts < after.attemptsAllowed)
    found.push({
      invariant: "counted",
      what: `exhausted after ${after.attempts} of ${after.attemptsAllowed} attempts`,
    });
  if (after.status === "CANCELLED" && before.cancelRequestedAt === undefined)
    found.push({
      invariant: "cancelled",
      what: `${write.by} cancelled what nobody asked to cancel`,
    });
  return found;
};

const judgeClaim = (
  past: Past,
  { before, after, write }: Change,
  { clockMarginMs }: Bounds,
): readonly Violation[] => {
  const found: Violation[] = [];
  if (after.attempts !== before.attempts + 1)
    found.push({
      invariant: "counted",
      what: `a claim from ${before.attempts} to ${after.attempts}`,
    });
  if (past.holders[after.attempts] !== undefined)
    found.push({ invariant: "one-holder", what: `attempt ${after.attempts} was claimed twice` });
  const earlyMs = (before.notBefore ?? 0) - clockMarginMs - write.at;
  if (earlyMs > 0 && !past.isClockBroken)
    found.push({ invariant: "not-early", what: `claimed ${earlyMs} ms before its time` });
  if (before.cancelRequestedAt !== undefined)
    found.push({ invariant: "cancelled", what: "claimed after a cancel was asked for" });
  return found;
};

/** A message that waits is in nobody's hands: the dispatcher must look at it in good time. */
const judgeWaiting = (
  { after, write }: Change,
  { resendAfterMs }: Bounds,
): readonly Violation[] => {
  const lateMs = (after.dueAt ?? 0) - Math.max(after.notBefore ?? 0, write.at) - resendAfterMs;
  return lateMs > 0
    ? [{ invariant: "looked-after", what: `the next look is ${lateMs} ms later than it may be` }]
    : [];
};

/** A message that is held must be looked at when its lease is over, should its holder be gone. */
export const judgeHeld = (
  past: Past,
  { status, dueAt = 0, leaseUntil = 0 }: Message,
  at: number,
  { lookAfterLeaseMs }: Bounds,
): readonly Violation[] => {
  const lateMs = dueAt - Math.max(leaseUntil, at) - lookAfterLeaseMs;
  return status === "PROCESSING" && lateMs > 0 && !past.isClockBroken
    ? [{ invariant: "attended", what: `the look is ${lateMs} ms later than the lease allows` }]
    : [];
};

const judgeChange = (past: Past, change: Change): readonly Violation[] => {
  const { before, after, write } = change;
  const found: Violation[] = [];
  if (!isStep(change))
    found.push({
      invariant: "lifecycle",
      what: `${before.status} became ${after.status} by ${write.role}`,
    });
  const isErased = before.erasedAt === undefined && after.erasedAt !== undefined;
  const changed = given.filter(
    (field) =>
      !same(before[field], after[field]) &&
      !(isErased && [...removedByErasure, "payload"].includes(field)),
  );
  const left = isErased ? removedByErasure.filter((field) => after[field] !== undefined) : [];
  if (left.length > 0)
    found.push({ invariant: "erased", what: `${left.join(", ")} stayed in an erased message` });
  if (changed.length > 0)
    found.push({ invariant: "unchanged", what: `${changed.join(", ")} changed` });
  if (!isClaim(change) && after.attempts !== before.attempts)
    found.push({
      invariant: "counted",
      what: `attempts ${before.attempts} became ${after.attempts}`,
    });
  if (!isReplay(change) && (after.replays !== before.replays || after.ttl !== before.ttl))
    found.push({ invariant: "lifecycle", what: "replays or ttl changed without a replay" });
  if (after.status === "COMPLETED" && before.status !== "COMPLETED") {
    const answer = past.answers[after.attempts];
    if (answer === undefined || !isSuccess(answer))
      found.push({ invariant: "earned", what: `COMPLETED, and the target said ${answer}` });
  }
  return found;
};

/** What a write to the table breaks. */
export const judgeWrite = (past: Past, write: Written, bounds: Bounds): readonly Violation[] => {
  const { before, after } = write;
  if (!after) {
    const isAlive = before !== undefined && !isTerminal(before.status);
    return isAlive ? [{ invariant: "kept", what: `${before.status} and gone` }] : [];
  }
  const isNew = !before || before.submitId !== after.submitId;
  if (isNew) {
    const isOverwritten = before !== undefined && before.ttl * 1000 > write.at;
    return [
      ...judgeItem(after),
      ...(isOverwritten
        ? [{ invariant: "one-message" as const, what: `${before.status} was overwritten` }]
        : []),
    ];
  }
  const change = { before, after, write };
  const recorded = past.records[after.attempts + 1] ?? 0;
  // A mark that was taken back while the dispatcher sent another record: it waits for that, as one
  // that is QUEUED does, and is looked at less often the longer it has waited.
  const isMarkless = before.status === "PENDING" && recorded > 0;
  const isWaiting =
    after.status === "PENDING" &&
    (before.status === "PROCESSING" || before.status === "PENDING") &&
    !isMarkless;
  const isExcused = past.isRecordLost || past.isClockBroken;
  const isMarked = after.status === "QUEUED" && before.status !== "QUEUED";
  const isUnrecorded = isMarked && recorded === 0 && !isExcused;
  return [
    ...judgeItem(after),
    ...judgeChange(past, change),
    ...(isClaim(change) ? judgeClaim(past, change, bounds) : []),
    ...(hasLeft(change) ? judgeLeaving(past, change) : []),
    ...(isWaiting ? judgeWaiting(change, bounds) : []),
    ...judgeHeld(past, after, write.at, bounds),
    ...judgeByJob(past, write),
    ...(isUnrecorded
      ? [{ invariant: "recorded" as const, what: `QUEUED for attempt ${after.attempts + 1}` }]
      : []),
  ];
};

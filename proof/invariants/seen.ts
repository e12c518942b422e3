import { isTerminal } from "../../domain/message.ts";
import type { Found, Recorded, Requested, Told } from "./events.ts";
import { isSuccess, type Past } from "./past.ts";
import type { Bounds, Violation } from "./promises.ts";
import { judgeHeld, judgeItem } from "./written.ts";

/** What a request breaks that the target got. */
export const judgeRequest = (
  past: Past,
  { at, attempt, by, content }: Requested,
  { clockMarginMs }: Bounds,
): readonly Violation[] => {
  const found: Violation[] = [];
  if (past.asked.length === 0)
    found.push({ invariant: "separate", what: "a request for what nobody handed over" });
  else if (!past.asked.includes(content))
    found.push({ invariant: "unchanged", what: `attempt ${attempt} brought another content` });
  if (past.promised !== undefined && content !== past.promised)
    found.push({ invariant: "one-message", what: "not the content that was acknowledged" });
  if ((past.requests[attempt] ?? 0) > 0)
    found.push({ invariant: "one-holder", what: `attempt ${attempt} was requested twice` });
  const holder = past.holders[attempt];
  if (by !== undefined && holder !== by)
    found.push({
      invariant: "one-holder",
      what: `${by} requested attempt ${attempt} of ${holder}`,
    });
  const earlyMs = (past.deliverAt ?? 0) - clockMarginMs - at;
  if (earlyMs > 0 && !past.isClockBroken)
    found.push({ invariant: "not-early", what: `requested ${earlyMs} ms before deliverAt` });
  // A holder that was frozen as it sent, or was taken for dead by a wrong clock, has the content yet.
  const isOutlasted = past.isFrozen || past.isClockBroken;
  if (past.stored?.erasedAt !== undefined && !isOutlasted)
    found.push({ invariant: "erased", what: `attempt ${attempt}, after the content was erased` });
  if (past.accepted !== undefined && attempt > past.accepted)
    found.push({
      invariant: "doubled",
      what: `attempt ${attempt}, after attempt ${past.accepted} was accepted`,
    });
  return found;
};

/** What an answer to a sender breaks: two contents cannot both be promised under one id. */
export const judgeTold = (past: Past, { status, content }: Told): readonly Violation[] =>
  isSuccess(status) && past.promised !== undefined && past.promised !== content
    ? [{ invariant: "one-message", what: "two contents were acknowledged" }]
    : [];

/** What the loss of a record breaks: deleted while the message still counts on it. */
export const judgeRecord = (past: Past, { what, attempt }: Recorded): readonly Violation[] => {
  const { stored, records, isRecordLost, isClockBroken } = past;
  const isCountedOn = stored?.status === "QUEUED" && stored.attempts + 1 === attempt;
  // A record that a wrong clock sent comes before its time, and has to be dropped.
  const isExcused = isRecordLost || isClockBroken;
  return what === "deleted" && isCountedOn && (records[attempt] ?? 0) <= 1 && !isExcused
    ? [{ invariant: "recorded", what: `the last record of attempt ${attempt} was deleted` }]
    : [];
};

/** What the table as it is found breaks, alone and beside what was seen of the message. */
export const judgeFound = (
  past: Past,
  { message, views, at }: Found,
  bounds: Bounds,
): readonly Violation[] => {
  const found: Violation[] = [...judgeItem(message), ...judgeHeld(past, message, at, bounds)];
  const answers = Object.values(past.answers);
  if (message.status === "COMPLETED" && answers.length > 0 && !answers.some(isSuccess))
    found.push({ invariant: "earned", what: `COMPLETED, and the target said ${answers.join()}` });
  for (const attempt of Object.keys(past.requests).map(Number))
    if (attempt > message.attempts)
      found.push({ invariant: "accountable", what: `attempt ${attempt} was never claimed` });
  for (const view of views ?? []) {
    const answer = past.answers[view.number];
    const isDelivered = view.outcome === "delivered";
    if (isDelivered && answer !== undefined && !isSuccess(answer))
      found.push({ invariant: "accountable", what: `attempt ${view.number} was not delivered` });
    if (view.outcome === "in-progress" && isTerminal(message.status))
      found.push({ invariant: "accountable", what: `attempt ${view.number} goes on for ever` });
  }
  return found;
};

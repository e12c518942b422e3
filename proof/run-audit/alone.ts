import { isExpired, isTerminal } from "../../domain/message.ts";
import { isSuccess } from "../invariants/past.ts";
import type { Violation } from "../invariants/promises.ts";
import type { Stored } from "./stored.ts";

/** Whether a message has not ended and its next look has been due for longer than is explicable. */
export const isStranded = (
  { message: { status, dueAt } }: Pick<Stored, "message">,
  now: number,
  strandedAfterMs: number,
): boolean => !isTerminal(status) && (dueAt === undefined || dueAt + strandedAfterMs < now);

/**
 * What a message as it is stored breaks, whatever happened before: what `judgeFound` asks needs
 * no more than the item either, and these need its attempts, its payload and the time.
 */
export const judgeStored = (
  stored: Stored,
  now: number,
  strandedAfterMs: number,
): readonly Violation[] => {
  const { message, attempts, hasPayload } = stored;
  const { status, lastOutcome, failReason, dueAt } = message;
  const found: Violation[] = [];
  if (isStranded(stored, now, strandedAfterMs) && !isExpired(message, now)) {
    const what =
      dueAt === undefined
        ? `${status}, and nobody will look at it`
        : `${status}, and should have been looked at ${Math.round((now - dueAt) / 60_000)} min ago`;
    found.push({ invariant: "ends", what });
  }
  if (status === "COMPLETED" && !isSuccess(lastOutcome?.status ?? 0))
    found.push({
      invariant: "earned",
      what: `COMPLETED, with ${lastOutcome?.status} as its answer`,
    });
  if (status === "FAILED" && failReason === undefined)
    found.push({ invariant: "accountable", what: "FAILED without a reason" });
  for (const { number } of attempts)
    if (number > message.attempts)
      found.push({ invariant: "accountable", what: `attempt ${number} was never claimed` });
  if (!isTerminal(status) && !hasPayload)
    found.push({ invariant: "unchanged", what: "what is to be sent is not there any more" });
  return found;
};

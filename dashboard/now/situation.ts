import type { ListedMessage } from "../../client/answers.ts";
import type { NowAnswers } from "./read.ts";
import type { Situation } from "./sentence.ts";
import type { Target } from "./targets.ts";

const timeOf = ({ notBefore }: ListedMessage): readonly number[] =>
  notBefore === undefined ? [] : [Date.parse(notBefore)];

const earliest = (messages: readonly ListedMessage[]): number | undefined => {
  const times = messages.flatMap(timeOf);
  return times.length === 0 ? undefined : Math.min(...times);
};

/** How things are, and since when the oldest message is due whose attempt has not begun. */
export type SituationNow = Situation & { readonly oldestDueAt?: number | undefined };

/**
 * Returns how things are, of what was read. Where not all unfinished messages were read, there may be
 * more targets that fail: that number is the least that it can be.
 */
export const situationOf = (
  { unfinished, next, failures }: Pick<NowAnswers, "unfinished" | "next" | "failures">,
  targets: readonly Target[],
  now: number,
): SituationNow => {
  const waiting = next.items.filter(({ status }) => status === "PENDING" || status === "QUEUED");
  const nextAt = earliest(waiting);
  // The count is of an index that may be behind by seconds: what was read is there.
  const count = Math.max(unfinished.count, next.items.length);
  return {
    now,
    failingTargets: {
      count: targets.filter(({ isFailing }) => isFailing).length,
      isExact: next.nextCursor === null && failures.isComplete,
    },
    waiting: { count, isExact: unfinished.isExact },
    inAttempt: next.items.filter(({ status }) => status === "PROCESSING").length,
    nextAt,
    oldestDueAt: nextAt !== undefined && nextAt <= now ? nextAt : undefined,
  };
};

import type { Clock, Sleep } from "../../adapters/clock.ts";
import { limits } from "../../domain/limits.ts";
import { mayGoOn, paceAfter, startingPace } from "../../domain/pace.ts";

/** The result of one page of a shard. */
export type PageDone = {
  /** Nothing more of the shard is due. */
  readonly isLast: boolean;
  /** The table or the queue was overloaded. */
  readonly isOverloaded: boolean;
};

/**
 * Handles shards page by page until none has another page or the time is nearly over. The shards
 * take turns: a backlog in one of them delays the others by one page at a time. A few pages are
 * handled concurrently, each of another shard.
 */
export const drain = async (
  shards: readonly string[],
  {
    page,
    remainingMs,
    clock,
    sleep,
  }: {
    readonly page: (shard: string) => Promise<PageDone>;
    readonly remainingMs: () => number;
    readonly clock: Clock;
    readonly sleep: Sleep;
  },
): Promise<void> => {
  const waiting = [...shards];
  let pace = startingPace;
  const lane = async (): Promise<void> => {
    while (mayGoOn(remainingMs(), pace)) {
      const shard = waiting.shift();
      if (shard === undefined) return;
      if (pace.pauseMs > 0) await sleep(pace.pauseMs);
      const startedAt = clock();
      const { isLast, isOverloaded } = await page(shard);
      pace = paceAfter(pace, { tookMs: clock() - startedAt, isOverloaded });
      if (!isLast) waiting.push(shard);
    }
  };
  await Promise.all(Array.from({ length: limits.dispatchPagesMax }, lane));
};

/**
 * Returns the shards in the order of their turns. Each minute another one is first, so that runs
 * without time for a page of each do not always leave out the same shard.
 */
export const inTurnFrom = (now: number, shards: readonly string[]): readonly string[] => {
  const first = Math.floor(now / 60_000) % shards.length;
  return [...shards.slice(first), ...shards.slice(0, first)];
};

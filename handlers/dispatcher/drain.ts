import type { Clock, Sleep } from "../../adapters/clock.ts";
import { limits } from "../../domain/limits.ts";
import { mayGoOn, paceAfter, startingPace } from "../../domain/pace.ts";

/** What came of one page of a shard. */
export type PageDone = {
  /** Whether nothing more of the shard is due. */
  readonly isLast: boolean;
  /** Whether the table or the queue could not keep up. */
  readonly isOverloaded: boolean;
};

/**
 * Looks after shards page by page until none has another page, or until the time is nearly over. The
 * shards take turns: a backlog in one of them holds up the others by one page at a time. A few pages
 * are under way at once, each of another shard.
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
 * The shards in the order of their turns. Each minute another one is the first, so that none is
 * always left over by runs that have not the time for a page of each.
 */
export const inTurnFrom = (now: number, shards: readonly string[]): readonly string[] => {
  const first = Math.floor(now / 60_000) % shards.length;
  return [...shards.slice(first), ...shards.slice(0, first)];
};

import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../adapters/clock.ts";

/**
 * Begins something so many times a second, whether or not what was begun before is done: a system
 * that is slow does not get less to do by it. Each is told when it was meant to begin. Resolves
 * when all of them are done.
 */
export const openLoop = async ({
  clock,
  ratePerSecond,
  isOver,
  begin,
}: {
  readonly clock: Clock;
  readonly ratePerSecond: number;
  readonly isOver: (count: number) => boolean;
  readonly begin: (index: number, intendedAt: number) => Promise<void>;
}): Promise<void> => {
  const startedAt = clock();
  const begun: Promise<void>[] = [];
  while (!isOver(begun.length)) {
    const intendedAt = startedAt + (begun.length * 1000) / ratePerSecond;
    const earlyMs = intendedAt - clock();
    if (earlyMs > 0) await pause(earlyMs);
    if (isOver(begun.length)) break;
    begun.push(begin(begun.length, Math.round(intendedAt)));
  }
  await Promise.all(begun);
};

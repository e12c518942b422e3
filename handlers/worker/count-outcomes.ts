import type { Chance } from "../../adapters/chance.ts";
import type { Clock } from "../../adapters/clock.ts";
import type { Log } from "../../adapters/log.ts";
import { limits } from "../../domain/limits.ts";
import { bucketOf } from "../../domain/outcome-buckets.ts";
import { type CountedAttempt, outcomesOf } from "../../domain/outcome-counts.ts";
import type { OutcomeStore } from "../../entities/outcomes.ts";
import { secondsOf } from "../../entities/storage.ts";

export type CountDeps = {
  readonly outcomes: OutcomeStore;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** Whether anything is counted. */
  readonly countOutcomes: boolean;
  /** A sender's counts are spread over so many items: one takes a thousand writes a second. */
  readonly shards: number;
};

/** The longest time of a failing write: three tries of 1.5 seconds, and the pauses. */
const countMs = 7000;

const dayMs = 86_400_000;

/**
 * Adds the attempts of a batch to the counts of their senders: one write for each sender. Never
 * throws: the counts are worth less than the batch, whose records would come back.
 *
 * The attempts are settled before: a crash in between loses their counts, and nothing else. The
 * other order would count what comes back and is counted again. Counts nothing if the process may be
 * stopped before the write has ended.
 */
export const countOutcomes = async (
  { outcomes, clock, chance, log, shards, ...deps }: CountDeps,
  attempts: readonly CountedAttempt[],
  remainingMs: number,
): Promise<void> => {
  if (!deps.countOutcomes || remainingMs < countMs) return;
  const from = bucketOf(clock());
  const ttl = secondsOf(from + limits.outcomesKeptDays * dayMs);
  const shard = Math.floor(chance.random() * shards);
  const bySender = Map.groupBy(attempts, ({ senderId }) => senderId);
  const written = await Promise.allSettled(
    [...bySender].map(([senderId, of]) =>
      outcomes.add({ senderId, shard, from }, outcomesOf(of), ttl),
    ),
  );
  const failed = written.filter(({ status }) => status === "rejected");
  const [first] = failed;
  if (first?.status === "rejected")
    log.failure("outcomes not counted", first.reason, { senders: failed.length });
};

import type { Chance } from "../../adapters/chance.ts";
import type { Clock } from "../../adapters/clock.ts";
import { entryIdAt } from "../../domain/action-entry.ts";
import { limits } from "../../domain/limits.ts";
import { Problem } from "../../domain/problem.ts";
import type { SenderChangeEntry, SenderChangeStore } from "../../entities/sender-change.ts";
import { secondsOf } from "../../entities/storage.ts";

export type RecordedDeps = {
  readonly senderChanges: SenderChangeStore;
  readonly clock: Clock;
  readonly chance: Chance;
};

/** Who changes what of a sender. */
export type Changing = Omit<SenderChangeEntry, "entryId" | "at" | "refused" | "ttl">;

const dayMs = 86_400_000;

/**
 * Stores who changes what of a sender, then does it.
 *
 * The entry comes first: a crash after it leaves an entry whose change may not have been made; the
 * other order could leave a key or a secret that nobody can be asked about. A change that is refused
 * after all is marked so. A crash before that mark leaves it unmarked.
 */
export const recordedChange = async <Result>(
  { senderChanges, clock, chance }: RecordedDeps,
  changing: Changing,
  act: () => Promise<Result>,
): Promise<Result> => {
  const at = clock();
  const ttl = secondsOf(at + limits.senderHistoryDays * dayMs);
  const entry = { ...changing, entryId: entryIdAt(at, chance.token()), at, ttl };
  await senderChanges.record(entry);
  try {
    return await act();
  } catch (error) {
    // An error of ours is not a refusal: nobody knows whether the change was made.
    if (error instanceof Problem) await senderChanges.refuse(entry);
    throw error;
  }
};

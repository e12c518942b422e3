import { walked, walkedTwice } from "../walks/run.ts";
import { type Backing, inMemory } from "./backing.ts";
import { compared } from "./compared.ts";
import { type Result, simulate, type Tapes } from "./run.ts";
import { comparedShare } from "./share.ts";
import { seededTape, writtenTape } from "./tape.ts";
import { shares, type Tier, tierOf } from "./tiers.ts";

/** The tapes of a run as numbers: they give the same run again, whatever seed they came from. */
export type Written = {
  readonly swarm: readonly number[];
  readonly schedule: readonly number[];
  /** By whom it is made; the handlers, where that is not said. */
  readonly tier?: Tier;
};

/** The tapes that a seed stands for. */
export const tapesOf = (seed: number): Tapes => ({
  swarm: seededTape(seed),
  schedule: seededTape((seed ^ 0x5bd1e995) >>> 0),
});

export const tapesFrom = ({ swarm, schedule }: Written): Tapes => ({
  swarm: writtenTape(swarm),
  schedule: writtenTape(schedule),
});

const writtenOf = ({ swarm, schedule }: Tapes, tier: Tier): Written => ({
  ...{ swarm: swarm.taken, schedule: schedule.taken, tier },
});

/** Makes one run of these tapes. */
export const runOf = async (tier: Tier, tapes: Tapes, backing?: Backing): Promise<Result> => {
  if (tier === "walk") return walked(tapes);
  return tier === "lockstep" ? walkedTwice(tapes) : simulate(tapes, backing);
};

export type Failure = { readonly seed: number; readonly tapes: Written; readonly result: Result };

/** What many runs came to. */
export type Exploration = {
  readonly runs: number;
  readonly steps: number;
  readonly simulatedMs: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly failures: readonly Failure[];
};

/** Whether a schedule of the handlers is made over the SDK as well: one of so many of them. */
const isCompared = (seed: number, isMixed: boolean): boolean =>
  seed % (isMixed ? comparedShare * shares.handlers : comparedShare) === 0;

/** Runs the schedule of a seed; some are run twice, and compared. */
const made = async (
  seed: number,
  { backing, tier, isMixed }: { backing: Backing; tier: Tier; isMixed: boolean },
) => {
  let tapes = tapesOf(seed);
  const isTwice = tier === "handlers" && backing === inMemory && isCompared(seed, isMixed);
  if (!isTwice) return { result: await runOf(tier, tapes, backing), tapes };
  const result = await compared(() => {
    tapes = tapesOf(seed);
    return tapes;
  });
  return { result, tapes };
};

/** Runs the schedules of seeds, one after the other, until there are enough or `isEnough` says so. */
export const explore = async ({
  from,
  schedules,
  failuresMax = 1,
  backing = inMemory,
  tier: only,
  isEnough = () => false,
  onRun = () => {},
}: {
  readonly from: number;
  readonly schedules: number;
  readonly failuresMax?: number;
  readonly backing?: Backing;
  /** By whom all are made; else each by whom its seed says. */
  readonly tier?: Tier;
  readonly isEnough?: () => boolean;
  readonly onRun?: (seed: number, result: Result) => void;
}): Promise<Exploration> => {
  const counts = new Map<string, number>();
  const failures: Failure[] = [];
  let [runs, steps, simulatedMs] = [0, 0, 0];
  while (runs < schedules && failures.length < failuresMax && !isEnough()) {
    const seed = (from + runs) >>> 0;
    const tier = only ?? tierOf(seed);
    const { tapes, result } = await made(seed, { backing, tier, isMixed: only === undefined });
    runs += 1;
    counts.set(`by ${tier}`, (counts.get(`by ${tier}`) ?? 0) + 1);
    steps += result.steps;
    simulatedMs += result.simulatedMs;
    for (const [what, count] of result.counts) counts.set(what, (counts.get(what) ?? 0) + count);
    if (result.violation) failures.push({ seed, tapes: writtenOf(tapes, tier), result });
    onRun(seed, result);
  }
  return { runs, steps, simulatedMs, counts, failures };
};

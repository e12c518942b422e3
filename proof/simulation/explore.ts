import { type Backing, inMemory } from "./backing.ts";
import { compared } from "./compared.ts";
import { type Result, simulate, type Tapes } from "./run.ts";
import { comparedShare } from "./share.ts";
import { seededTape, writtenTape } from "./tape.ts";

/** The tapes of a run as numbers: they give the same run again, whatever seed they came from. */
export type Written = { readonly swarm: readonly number[]; readonly schedule: readonly number[] };

/** The tapes that a seed stands for. */
export const tapesOf = (seed: number): Tapes => ({
  swarm: seededTape(seed),
  schedule: seededTape((seed ^ 0x5bd1e995) >>> 0),
});

export const tapesFrom = ({ swarm, schedule }: Written): Tapes => ({
  swarm: writtenTape(swarm),
  schedule: writtenTape(schedule),
});

const writtenOf = ({ swarm, schedule }: Tapes): Written => ({
  swarm: swarm.taken,
  schedule: schedule.taken,
});

export type Failure = { readonly seed: number; readonly tapes: Written; readonly result: Result };

/** What many runs came to. */
export type Exploration = {
  readonly runs: number;
  readonly steps: number;
  readonly simulatedMs: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly failures: readonly Failure[];
};

/** Runs the schedule of a seed; some are run twice, and compared. */
const made = async (seed: number, backing: Backing) => {
  let tapes = tapesOf(seed);
  if (backing !== inMemory || seed % comparedShare !== 0)
    return { result: await simulate(tapes, backing), tapes };
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
  isEnough = () => false,
  onRun = () => {},
}: {
  readonly from: number;
  readonly schedules: number;
  readonly failuresMax?: number;
  readonly backing?: Backing;
  readonly isEnough?: () => boolean;
  readonly onRun?: (seed: number, result: Result) => void;
}): Promise<Exploration> => {
  const counts = new Map<string, number>();
  const failures: Failure[] = [];
  let [runs, steps, simulatedMs] = [0, 0, 0];
  while (runs < schedules && failures.length < failuresMax && !isEnough()) {
    const seed = (from + runs) >>> 0;
    const { tapes, result } = await made(seed, backing);
    runs += 1;
    steps += result.steps;
    simulatedMs += result.simulatedMs;
    for (const [what, count] of result.counts) counts.set(what, (counts.get(what) ?? 0) + count);
    if (result.violation) failures.push({ seed, tapes: writtenOf(tapes), result });
    onRun(seed, result);
  }
  return { runs, steps, simulatedMs, counts, failures };
};

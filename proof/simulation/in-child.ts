import { print } from "../../adapters/terminal.ts";
import type { Backing } from "./backing.ts";
import type { Batch } from "./children.ts";
import { explore, tapesOf } from "./explore.ts";
import { simulate } from "./run.ts";
import type { Tier } from "./tiers.ts";

const say = (answer: unknown): void => {
  print(`${JSON.stringify(answer)}\n`);
};

const batchMax = 250;

/** Runs schedules until there are enough, or the time is over; says how far it is now and then. */
export const exploreInChild = async (given: {
  readonly from: number;
  readonly schedules: number;
  readonly minutes: number;
  /** After how many failures it stops. */
  readonly failuresMax: number;
  readonly backing: Backing;
  readonly tier?: Tier;
}): Promise<boolean> => {
  const { from, schedules, minutes, failuresMax, backing, tier } = given;
  const endsAt = performance.now() + minutes * 60_000;
  let cpu = process.cpuUsage();
  let failed = 0;
  for (let done = 0; done < schedules && failed < failuresMax; ) {
    if (performance.now() >= endsAt) return true;
    const explored = await explore({
      from: from + done,
      schedules: Math.min(batchMax, schedules - done),
      failuresMax: failuresMax - failed,
      backing,
      ...(tier && { tier }),
    });
    const { user, system } = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    const { counts, failures, ...sums } = explored;
    const broken = failures.map(({ seed, tapes, result }) => {
      return { seed, tapes, invariant: result.violation?.invariant ?? "" };
    });
    say({ ...sums, cpuMs: (user + system) / 1000, counts: [...counts], broken } satisfies Batch);
    done += explored.runs;
    failed += failures.length;
  }
  return true;
};

/** Says what each of these seeds comes to, in few letters. */
export const digestInChild = async (
  from: number,
  schedules: number,
  backing: Backing,
): Promise<boolean> => {
  for (let seed = from; seed < from + schedules; seed += 1)
    say((await simulate(tapesOf(seed), backing)).digest());
  return true;
};

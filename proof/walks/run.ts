import type { Config } from "../model/config.ts";
import { moveTo, searchedAt } from "../model/moments.ts";
import { digestOfLines, type Line } from "../simulation/chronicle.ts";
import type { Result, Tapes } from "../simulation/run.ts";
import { lockstep } from "./lockstep.ts";
import { walkerOf } from "./walker.ts";
import { comparableFrom, type WalkWorld, worldFrom } from "./worlds.ts";

export const sameInLockstep = "same-in-lockstep";

/** What a world has in it, of all that some have and others do not. */
const described = ({ config, odds, steps }: WalkWorld): readonly string[] => [
  Object.entries(config)
    .filter(
      ([name, value]: [string, Config[keyof Config]]) =>
        name !== "faults" && name !== "isTimed" && value,
    )
    .map(([name, value]) => (value === true ? name : `${name} ${value}`))
    .join(", "),
  `something breaks in ${odds / 10} % of ${steps} steps at most`,
];

/** Walks through a world that a tape draws, with the actors of the model alone. */
export const walked = ({ swarm, schedule }: Tapes): Result => {
  const world = worldFrom(swarm);
  const walker = walkerOf(schedule, world);
  const lines: Line[] = [];
  let faults = 0;
  let at = searchedAt;
  for (let taken = walker.next(); taken; taken = walker.next()) {
    if (taken.isFault) faults += 1;
    lines.push({ at, who: taken.who, what: taken.does });
    at = taken.at;
  }
  const { status } = walker.state().message ?? {};
  const violation = walker.violation();
  moveTo(searchedAt);
  return {
    limits: described(world),
    ...(violation && { violation }),
    ...{ lines, digest: () => digestOfLines(lines), steps: walker.steps() },
    counts: new Map([["walk fault", faults]]),
    simulatedMs: at - searchedAt,
    statuses: status ? [status] : [],
  };
};

/** Walks through a world with the actors of the model and with the real handlers, and compares. */
export const walkedTwice = async ({ swarm, schedule }: Tapes): Promise<Result> => {
  const world = comparableFrom(swarm);
  const { lines, difference, counts, steps, status } = await lockstep(schedule, world);
  moveTo(searchedAt);
  return {
    limits: described(world),
    ...(difference !== undefined && {
      violation: { invariant: sameInLockstep, what: difference },
    }),
    ...{ lines, digest: () => digestOfLines(lines), steps, counts },
    simulatedMs: (lines.at(-1)?.at ?? searchedAt) - searchedAt,
    statuses: status ? [status] : [],
  };
};

import { type Config, defaults } from "../model/config.ts";
import { type Effects, effectsFor } from "../model/world.ts";
import type { Tape } from "../simulation/tape.ts";

/** What a walk has in it, and how much breaks. */
export type WalkWorld = {
  readonly config: Config;
  readonly effects: Effects;
  /** In how many of a thousand steps something breaks. */
  readonly odds: number;
  /** After how many steps nothing breaks any more. */
  readonly steps: number;
};

/** Those who take part are named once for each world, and walks come to the same worlds again. */
const known = new Map<string, Effects>();
const effectsOf = (config: Config): Effects => {
  const name = JSON.stringify(config);
  const effects = known.get(name) ?? effectsFor(config);
  known.set(name, effects);
  return effects;
};

const odds = [60, 0, 30, 150, 300] as const;

/** Draws a world: up to 18 who take part, where the search has room for five or six. */
export const worldFrom = (tape: Tape): WalkWorld => {
  const jobAction = tape.pick(["replay", "replay", "cancel"] as const);
  const jobs = tape.pick([0, 0, 0, 1, 2]);
  // Between the entry and the act of a job that cancels a person may replay the message, and the job
  // then cancels that round: the search finds it in ten steps, and it is known.
  const replays = jobs > 0 && jobAction === "cancel" ? 0 : tape.pick([0, 1, 3]);
  const config: Config = {
    ...{ ...defaults, isTimed: true, jobAction, jobs, replays },
    ingestions: tape.pick([2, 1, 3]),
    workers: tape.pick([2, 1, 3]),
    dispatchers: tape.pick([1, 2]),
    attempts: tape.pick([2, 1, 4]),
    sendNows: tape.pick([0, 0, 2]),
    cancels: tape.pick([0, 0, 2]),
    erases: tape.pick([0, 0, 0, 1]),
    jobRuns: tape.pick([1, 2]),
    canary: tape.pick([false, true]),
    jobChanges: tape.pick([0, 0, 2]),
    clocksDiffer: tape.pick([false, true]),
    far: tape.pick([false, true]),
    deliver: tape.pick(["now", "now", "near", "far"]),
    outbox: tape.pick([false, false, true]),
    faults: 0,
  };
  const effects = effectsOf(config);
  return { config, effects, odds: tape.pick(odds), steps: tape.pick([50, 120, 250]) };
};

/** Draws a world whose steps the real handlers can be made to make. */
export const comparableFrom = (tape: Tape): WalkWorld => {
  const config: Config = {
    ...{ ...defaults, isTimed: true },
    ingestions: tape.pick([2, 1, 3]),
    workers: tape.pick([2, 1, 3]),
    dispatchers: tape.pick([1, 2]),
    attempts: tape.pick([2, 1, 4]),
    replays: tape.pick([0, 1, 2]),
    sendNows: tape.pick([0, 0, 2]),
    cancels: tape.pick([0, 0, 2]),
    erases: tape.pick([0, 0, 0, 1]),
    deliver: tape.pick(["now", "now", "near", "far"]),
    faults: 0,
  };
  const effects = effectsOf(config);
  return { config, effects, odds: tape.pick(odds), steps: tape.pick([50, 120]) };
};

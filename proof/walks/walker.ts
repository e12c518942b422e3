import { judge } from "../invariants/judge.ts";
import type { Violation } from "../invariants/promises.ts";
import { steerJobSteps } from "../model/jobs.ts";
import {
  clockMarginMs,
  giveUpAt,
  moveTo,
  now,
  resendAfterMs,
  searchedAt,
} from "../model/moments.ts";
import type { Made, Step } from "../model/operation.ts";
import { cancelSteps } from "../model/people.ts";
import { idle, initial, type Point, type State } from "../model/state.ts";
import { stepsBy } from "../model/steps.ts";
import { brokenSteps } from "../model/surroundings.ts";
import { jobId, type World, worldOf } from "../model/world.ts";
import type { Tape } from "../simulation/tape.ts";
import { passUntil, timesAhead } from "./clock-steps.ts";
import { type Delays, endDelays, forgetEnded, noteDelay } from "./forget.ts";
import type { WalkWorld } from "./worlds.ts";

/** One step of a walk, and what was before and after it. */
export type Taken = {
  readonly who: string;
  readonly does: string;
  readonly isFault: boolean;
  readonly made?: Made;
  readonly at: number;
  readonly before: State;
  readonly after: World;
};

/** How often, of a thousand times, the clock goes on although somebody could. */
const clockOdds = 150;
const timesMax = 3;
/** Within so many steps everything must have ended, once nothing breaks any more. */
const calmStepsMax = 3000;
/** When nothing breaks any more, at the latest: nothing is to be given up for want of time. */
const dayMs = 86_400_000;
const calmAt = giveUpAt - 15 * dayMs;
const calmComparedAt = searchedAt + 2 * dayMs;
/** As often as a client repeats a call whose answer is lost. */
const repeatsMax = 2;

/** Where an actor has decided by the clock what it does next: handlers do both at one moment. */
const decided: readonly Point[] = [
  ...(["claim-put-off", "abandon", "replay", "send-now", "erase"] as const),
];

type PartOf = (state: State) => readonly Step[];

/**
 * Walks through a world of the model, where times have lengths: one step after the other, as the
 * tape says; first with faults, then without, until nothing is left to do. Each step is judged as a
 * step of the search is. With `isCompared` it takes only steps that real handlers can be made to
 * make; the clock stands while somebody has decided something and has not done it, and so it is not
 * judged: what happens in one millisecond cannot be told apart.
 */
export const walkerOf = (
  tape: Tape,
  { config, effects, odds, steps: noisySteps }: WalkWorld,
  { isCompared = false }: { readonly isCompared?: boolean } = {},
) => {
  moveTo(searchedAt);
  const bounds = {
    clockMarginMs: config.clocksDiffer ? clockMarginMs : 0,
    resendAfterMs,
    lookAfterLeaseMs: clockMarginMs + 1,
  };
  const whoever: readonly PartOf[] = effects.roles.map(
    (role, index) => (state) => stepsBy[role](config, effects, state, index),
  );
  const others: readonly PartOf[] = [
    ...(config.cancels > 0 ? [(state: State) => cancelSteps(effects, state)] : []),
    ...(config.jobChanges > 0 ? [(state: State) => steerJobSteps(config, effects, state)] : []),
  ];
  const parts = [...whoever, ...others];
  const breaking = [...parts, (state: State) => brokenSteps(config, effects, state)];

  let state: State = initial(config);
  let steps = 0;
  let calmSteps = 0;
  let violation: Violation | undefined;
  const delays: Delays = new Map();
  const lost = effects.roles.map(() => 0);

  const isTaken = ({ made }: Step): boolean => {
    if (!isCompared) return true;
    if (made === undefined) return false;
    const isOneMore = "fate" in made && made.fate === "lost-after";
    return !isOneMore || (lost[made.actor] ?? 0) < repeatsMax;
  };
  /** One step of one who can make one; whoever comes first is drawn. */
  const drawn = (from: readonly PartOf[], isWanted: (step: Step) => boolean): Step | undefined => {
    const first = tape.choose(from.length);
    for (let turn = 0; turn < from.length; turn += 1) {
      const possible = from[(first + turn) % from.length]?.(state).filter(isWanted) ?? [];
      if (possible.length > 0) return tape.pick(possible);
    }
    return undefined;
  };
  const isFault = (step: Step): boolean => step.kind === "fault" && isTaken(step);
  const isBegun = ({ who }: Step): boolean =>
    (state.actors[effects.names.indexOf(who)] ?? idle).at !== "idle";
  /** Once nothing breaks any more, nobody begins anything but the system itself. */
  const isCalm = (step: Step): boolean =>
    isTaken(step) && (step.kind === "work" || (step.kind === "choice" && isBegun(step)));

  const mayClockMove = ({ actors }: State): boolean =>
    !isCompared ||
    (lost.every((count) => count === 0) && actors.every(({ at }) => !decided.includes(at)));

  const ended = (
    world: World,
    before: State,
    taken: Omit<Taken, "before" | "after" | "at">,
  ): Taken => {
    const { made } = taken;
    if (made && "fate" in made)
      lost[made.actor] = made.fate === "lost-after" ? (lost[made.actor] ?? 0) + 1 : 0;
    forgetEnded(effects, before, world);
    // Nothing takes no time: what somebody saw is never there again in the same millisecond.
    if (mayClockMove(world)) passUntil(now + 1, { effects, world, mayBreak: false });
    if (made && "fate" in made) noteDelay(delays, before, world, made.actor);
    endDelays(delays, world);
    if (!isCompared) violation ??= world.violations[0];
    state = world;
    steps += 1;
    return { ...taken, at: now, before, after: world };
  };
  const make = (step: Step): Taken => {
    const before = state;
    const world = worldOf(before);
    step.run(world);
    return ended(world, before, { ...step, isFault: step.kind === "fault" });
  };
  const pass = (mayBreak: boolean): Taken | undefined => {
    if (!mayClockMove(state)) return undefined;
    const times = timesAhead(state, config.clocksDiffer);
    if (times.length === 0) return undefined;
    const time = times[mayBreak ? tape.choose(Math.min(times.length, timesMax)) : 0] ?? now;
    const before = state;
    const world = worldOf(before);
    if (!passUntil(time, { effects, world, mayBreak })) return undefined;
    return ended(world, before, {
      who: "time",
      does: `is ${new Date(now).toISOString()}`,
      isFault: false,
    });
  };

  const rest = (): undefined => {
    const going = state.jobs.findIndex(({ status }) => status === "RUNNING");
    if (going >= 0) violation ??= { invariant: "ends", what: `${jobId(going)} does not end` };
    if (state.message) violation ??= judge(state.past, { kind: "settled", at: now }, bounds)[0];
    return undefined;
  };
  const noisy = (): Taken | undefined => {
    const breaks = tape.happens(odds);
    if (tape.happens(clockOdds)) {
      const passed = pass(breaks);
      if (passed) return passed;
    }
    state = { ...state, faults: breaks ? Number.POSITIVE_INFINITY : 0 };
    const step =
      (breaks ? drawn(breaking, isFault) : undefined) ??
      drawn(parts, (each) => each.kind !== "fault" && isTaken(each));
    return step ? make(step) : pass(breaks);
  };
  const calm = (): Taken | undefined => {
    if (state.faults > 0) state = { ...state, faults: 0 };
    calmSteps += 1;
    if (calmSteps > calmStepsMax) {
      violation ??= { invariant: "ends", what: `not at rest after ${calmStepsMax} steps` };
      return undefined;
    }
    const step = drawn(parts, isCalm);
    return (step ? make(step) : pass(false)) ?? rest();
  };

  return {
    /** The next step; none once all is at rest, or a promise is broken. */
    next: (): Taken | undefined => {
      if (violation) return undefined;
      const isNoisy =
        calmSteps === 0 && steps < noisySteps && now < (isCompared ? calmComparedAt : calmAt);
      return (isNoisy ? noisy() : undefined) ?? calm();
    },
    violation: (): Violation | undefined => violation,
    state: (): State => state,
    steps: (): number => steps,
  };
};
export type Walker = ReturnType<typeof walkerOf>;

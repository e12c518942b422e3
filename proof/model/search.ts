import { judge } from "../invariants/judge.ts";
import type { Violation } from "../invariants/promises.ts";
import type { Config } from "./config.ts";
import { endsFrom } from "./ends.ts";
import { keysFor } from "./key.ts";
import { now, resendAfterMs } from "./moments.ts";
import { Numbers } from "./numbers.ts";
import { initial } from "./state.ts";
import { nextSteps } from "./steps.ts";
import { effectsFor, jobId, worldOf } from "./world.ts";

export type Progress = {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  /** Found, and not yet looked at. */
  readonly waiting: number;
};

export type Result = Progress & {
  /** Which promise is broken; none if all hold in every state that can be reached. */
  readonly violation?: Violation;
  /** The states on a shortest way to it, and the number of the step that is taken in each. */
  readonly way: readonly { readonly state: string; readonly step: number }[];
  /** Whether all states were seen; not if `statesMax` was reached. */
  readonly isComplete: boolean;
};

/**
 * Looks at every state that can be reached, nearest first, so that what it finds is found in as few
 * steps as can be.
 *
 * Each step's events go through the judge. A state in which the system has nothing left to do is
 * judged as one at rest: a message that is stuck is found there. What could go round for ever
 * without an end is found afterwards, see `ends.ts`.
 */
export const search = (
  config: Config,
  {
    statesMax = 14_000_000,
    onProgress = () => {},
  }: { readonly statesMax?: number; readonly onProgress?: (progress: Progress) => void } = {},
): Result => {
  const { encode, decode, hasEnded, isMessageThere } = keysFor(config);
  const effects = effectsFor(config);
  const bounds = { clockMarginMs: 0, resendAfterMs, lookAfterLeaseMs: 0 };
  const first = encode(initial(config));
  const states: string[] = [first];
  const numberOf = new Map<string, number>([[first, 0]]);
  const parents = new Numbers();
  const stepOf = new Numbers();
  const work = new Numbers();
  const workEnd = new Numbers();
  parents.push(0);
  stepOf.push(0);
  let transitions = 0;
  let depth = 0;
  let levelEnd = 1;

  const wayTo = (index: number, step: number): Result["way"] => {
    const way = [{ state: states[index] ?? "", step }];
    for (let at = index; at !== 0; at = parents.at(at))
      way.unshift({ state: states[parents.at(at)] ?? "", step: stepOf.at(at) });
    return way;
  };
  const resultAt = (index: number, isComplete: boolean, found?: Violation, step = -1): Result => ({
    ...{ states: states.length, transitions, depth, waiting: states.length - index },
    violation: found,
    way: found ? wayTo(index, step) : [],
    isComplete,
  });

  for (let index = 0; index < states.length; index += 1) {
    if (index === levelEnd) {
      depth += 1;
      levelEnd = states.length;
    }
    if (states.length >= statesMax) return resultAt(index, false);
    if (index % 20_000 === 0)
      onProgress({ states: states.length, transitions, depth, waiting: states.length - index });
    const text = states[index] ?? "";
    const state = decode(text);
    const steps = nextSteps(config, effects, state);
    let isAtRest = true;
    for (let step = 0; step < steps.length; step += 1) {
      const taken = steps[step];
      if (!taken) continue;
      const world = worldOf(state);
      taken.run(world);
      transitions += 1;
      if (world.violations[0]) return resultAt(index, false, world.violations[0], step);
      const next = encode(world);
      let number = numberOf.get(next);
      if (number === undefined) {
        number = states.length;
        numberOf.set(next, number);
        states.push(next);
        parents.push(index);
        stepOf.push(step);
      }
      if (taken.kind !== "work") continue;
      isAtRest = false;
      work.push(number);
    }
    workEnd.push(work.length);
    const going = state.jobs.findIndex(({ status }) => status === "RUNNING");
    if (isAtRest && going >= 0)
      return resultAt(index, false, { invariant: "ends", what: `${jobId(going)} does not end` });
    if (isAtRest && state.message) {
      const stuck = judge(state.past, { kind: "settled", at: now }, bounds)[0];
      if (stuck) return resultAt(index, false, stuck);
    }
  }
  numberOf.clear();
  const endless = endsFrom(
    states,
    work,
    workEnd,
    (text) => !isMessageThere(text) || hasEnded(text),
  );
  if (endless === undefined) return resultAt(states.length, true);
  const what = "whatever the system does from here, the message or a job does not end";
  return resultAt(endless, true, { invariant: "ends", what });
};

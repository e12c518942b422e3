import type { Actor } from "./actor.ts";
import { allFaults, noFaults, type Odds } from "./faults.ts";
import type { Tape } from "./tape.ts";

const secondMs = 1000;
const minuteMs = 60 * secondMs;

/** What holds for one run: limits, and what breaks how often. Each run draws its own. */
export type Swarm = {
  readonly leaseMs: number;
  readonly timeoutMs: number;
  readonly clockMarginMs: number;
  readonly graceMs: number;
  readonly shards: number;
  readonly scheduleMs: readonly number[];
  readonly visibilityMs: number;
  readonly functionTimeoutMs: number;
  readonly batchMax: number;
  readonly workers: number;
  /** How far the clocks of processes may be apart. */
  readonly skewMs: number;
  readonly messages: number;
  /** How many calls faults may befall before they stop. */
  readonly steps: number;
  readonly weather: Weather;
  /** How the target answers: the chances, of a thousand, of anything but 200. */
  readonly refusals: number;
  readonly slowTargets: number;
};

/** A fault is off in most runs, so that those that are on meet each other more often. */
const rates = [0, 0, 0, 0, 8, 30, 100] as const;
const focusedRate = 150;
/** Enough for one call to be repeated until the time of a function is over. */
const outageSteps = 400;

/** What breaks in a run, and for whom: all, or those of one role. */
export type Weather = {
  readonly odds: Odds;
  readonly strikes?: Actor["role"];
  /** After how many steps it is over, where that is said. */
  readonly steps?: number;
};

const only = (rates: Partial<Odds>): Odds => ({ ...noFaults, ...rates });

/** Many faults, each as rarely as it is drawn. */
const mixed = (tape: Tape): Weather => ({
  odds: Object.fromEntries(allFaults.map((fault) => [fault, tape.pick(rates)])) as Odds,
});

/** Two of them, again and again. */
const focused = (tape: Tape): Weather => {
  const [one, other] = [tape.pick(allFaults), tape.pick(allFaults)];
  const odds = only({ [one]: focusedRate, [other]: focusedRate });
  return { odds, strikes: tape.pick([undefined, "worker", "dispatcher", "ingestion"]) };
};

/** A table or a queue that is asked for more than it can take, for longer than a function has. */
const overloaded = (tape: Tape): Weather => ({
  odds: only({ throttled: focusedRate }),
  strikes: tape.pick(["worker", "dispatcher"]),
  steps: outageSteps,
});

/** Workers that fall asleep all the time, and wake when another has their message. */
const sleepy = (): Weather => ({
  odds: only({ "frozen-before": focusedRate, "frozen-after": focusedRate }),
  strikes: "worker",
});

/** Draws a run's limits. With a tape of zeros: the defaults of a deployment, and no faults. */
export const swarmOf = (tape: Tape): Swarm => {
  const leaseMs = tape.pick([65, 40, 120]) * secondMs;
  const clockMarginMs = tape.pick([5, 2]) * secondMs;
  const weather = tape.pick([mixed, focused, focused, sleepy, overloaded])(tape);
  return {
    leaseMs,
    timeoutMs: tape.pick([15, 5, 30]) * secondMs,
    clockMarginMs,
    graceMs: leaseMs - tape.pick([5, 0, 35]) * secondMs,
    shards: tape.pick([2, 1, 3]),
    scheduleMs: tape.pick([
      [5 * secondMs, 30 * secondMs, 2 * minuteMs],
      [secondMs],
      [30 * secondMs, 20 * minuteMs],
      [10 * minuteMs, 5 * secondMs],
    ]),
    visibilityMs: tape.pick([360, leaseMs / secondMs + 10, 30]) * secondMs,
    functionTimeoutMs: tape.pick([60, 600, 60, 600]) * secondMs,
    batchMax: tape.pick([10, 1, 3]),
    workers: tape.pick([2, 1, 3]),
    skewMs: tape.pick([0, clockMarginMs]),
    messages: tape.pick([1, 1, 1, 2]),
    steps: weather.steps ?? tape.pick([50, 30, 80]),
    weather,
    refusals: tape.pick([0, 300, 700]),
    slowTargets: tape.pick([0, 0, 100, 400]),
  };
};

/** The limits of a run where they matter, in lines for a person. */
export const limitsOf = (swarm: Swarm): readonly string[] => {
  const odds = Object.entries(swarm.weather.odds).filter(([, perMille]) => perMille > 0);
  return [
    `lease ${swarm.leaseMs / 1000} s, margin ${swarm.clockMarginMs / 1000} s, grace ${swarm.graceMs / 1000} s,`,
    `function ${swarm.functionTimeoutMs / 1000} s, visibility ${swarm.visibilityMs / 1000} s, clocks up to ${swarm.skewMs / 1000} s apart,`,
    `retries after ${swarm.scheduleMs.map((ms) => ms / 1000).join(", ")} s;`,
    `faults: ${odds.map(([fault, perMille]) => `${fault} ${perMille / 10} %`).join(", ") || "none"}`,
  ];
};

import type { Exchange, Timings } from "./outcome.ts";

/** The phases in the order in which they are stored. */
const phases = ["dnsMs", "connectMs", "tlsMs", "firstByteMs"] as const;

/** Stands for a phase that was not measured. */
const notMeasured = -1;

/**
 * The durations of an exchange and its phases, in whole milliseconds. A list of five numbers: the
 * message that stores it has room for a few bytes only.
 */
export type Took = readonly number[];

type Times = Pick<Exchange, "durationMs" | "timings">;

/** Returns what a message keeps of the times of an exchange. */
export const tookOf = ({ durationMs, timings = {} }: Times): Took => [
  Math.round(durationMs),
  ...phases.map((phase) => Math.round(timings[phase] ?? notMeasured)),
];

/** Returns the times of an exchange from their stored list, or none without it. */
export const timesOf = (took: Took | undefined): Partial<Times> => {
  const [durationMs, ...of] = took ?? [];
  if (durationMs === undefined) return {};
  const measured = phases.flatMap((phase, index) => {
    const ms = of[index] ?? notMeasured;
    return ms < 0 ? [] : [[phase, ms] as const];
  });
  return { durationMs, timings: Object.fromEntries(measured) as Timings };
};

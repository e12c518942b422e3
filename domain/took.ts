import type { Exchange, Timings } from "./outcome.ts";

/** The phases in the order in which they are stored. */
const phases = ["dnsMs", "connectMs", "tlsMs", "firstByteMs"] as const;

/** Stands for a phase that was not measured. */
const notMeasured = -1;

/**
 * How long an exchange took, in all and to its phases, in whole milliseconds: a list of five numbers,
 * because the message that keeps it has room for a few bytes only.
 */
export type Took = readonly number[];

type Times = Pick<Exchange, "durationMs" | "timings">;

/** Returns what a message keeps of the times of an exchange. */
export const tookOf = ({ durationMs, timings = {} }: Times): Took => [
  Math.round(durationMs),
  ...phases.map((phase) => Math.round(timings[phase] ?? notMeasured)),
];

/** Returns the times of an exchange again; nothing of what is not such a list. */
export const timesOf = (took: Took | undefined): Partial<Times> => {
  const [durationMs, ...of] = took ?? [];
  if (durationMs === undefined) return {};
  const measured = phases.flatMap((phase, index) => {
    const ms = of[index] ?? notMeasured;
    return ms < 0 ? [] : [[phase, ms] as const];
  });
  return { durationMs, timings: Object.fromEntries(measured) as Timings };
};

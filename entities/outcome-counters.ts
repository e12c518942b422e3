import { acceptBoundsMs, boundsMs } from "../domain/outcome-counts.ts";

/** A class of durations, by its place among its bounds: short names, to stay within one write unit. */
type Class = Extract<keyof typeof boundsMs, `${number}`> | "rest";
export type Counter =
  | `${"d" | "x"}${Class}`
  | `a${Extract<keyof typeof acceptBoundsMs, `${number}`>}`;
const classes = [...Object.keys(boundsMs), "rest"] as readonly Class[];

/** The counters of each histogram, in the order of its classes. No submit is of the rest. */
export const countersOf = {
  accept: Object.keys(acceptBoundsMs).map((place) => `a${place}`) as readonly Counter[],
  delivery: classes.map((name) => `d${name}` as const),
  exchange: classes.map((name) => `x${name}` as const),
} satisfies Record<string, readonly Counter[]>;

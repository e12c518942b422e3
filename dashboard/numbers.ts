import { spanInWords } from "../domain/duration.ts";
import { number } from "./shown.ts";

/** A number that may be the least that it can be, as counts of the interface are. */
export type Count = { readonly count: number; readonly isExact: boolean };

/** Returns a count as a person reads it: `1,204`, or `10,000+` if there may be more. */
export const countText = ({ count, isExact }: Count): string =>
  isExact ? number(count) : `${number(count)}+`;

/** Returns the word that goes with a count: `1 message`, `2 messages`, `1+ messages`. */
export const wordFor = ({ count, isExact }: Count, one: string, many = `${one}s`): string =>
  count === 1 && isExact ? one : many;

/** Returns a measured time as a person reads it: `85 ms`, `1.2 s`, `2 min 5 s`. */
export const measured = (ms: number): string => {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s` : spanInWords(ms);
};

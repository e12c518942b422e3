import { formatDuration, parseDuration } from "../domain/duration.ts";

/** A span: `"27h"`, `"5s"`, `"250ms"`, or a number of milliseconds. */
export type Span = string | number;

/** Reads a span as milliseconds. Throws a TypeError that names what is wrong with it. */
export const msOf = (span: Span): number => {
  const ms = typeof span === "string" ? parseDuration(span) : span;
  if (ms !== undefined && Number.isFinite(ms) && ms >= 0) return ms;
  throw new TypeError(
    `${JSON.stringify(span)} is no span of time. Write "250ms", "5s", "2m", "27h", "3d", or milliseconds`,
  );
};

/** Returns a time since another, for a message to a person. */
export const after = (at: number, start: number): string => formatDuration(at - start);

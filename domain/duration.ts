const unitsMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads `250ms`, `5s`, `2m`, `6h` or `1d` as milliseconds; anything else is `undefined`. */
export const parseDuration = (text: string): number | undefined => {
  const [, digits, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  return digits === undefined ? undefined : Number(digits) * unitsMs[unit as keyof typeof unitsMs];
};

/** Returns the shortest text that `parseDuration` reads as this many milliseconds. */
export const formatDuration = (ms: number): string => {
  const fitting = (["d", "h", "m", "s"] as const).find(
    (unit) => ms > 0 && ms % unitsMs[unit] === 0,
  );
  return fitting ? `${ms / unitsMs[fitting]}${fitting}` : `${ms}ms`;
};

/** The units of a span for a person, in milliseconds, the largest first. */
const words = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** Returns a span as a person reads it, by its two largest units: `1 min 20 s`. Rounds down. */
export const spanInWords = (ms: number): string => {
  let rest = Math.max(0, ms);
  const parts: string[] = [];
  for (const [unit, unitMs] of words) {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
  }
  return parts.length === 0 ? "less than 1 s" : parts.slice(0, 2).join(" ");
};

const shape =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))([Tt ])((?:[01]\d|2[0-3]):[0-5]\d)(?::([0-5]\d|60)(?:\.(\d+))?)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)?$/;

/** A time in epoch milliseconds, or the reason why the text is not one. */
export type ParsedTime = { readonly ms: number } | { readonly fault: string };

/** The fault of a text that does not have the form of a time. */
export const timeFault = "must be a time such as 2026-01-31T12:00:00Z (RFC 3339)";

const faults = {
  separator: "must have a T between date and time, such as 2026-01-31T12:00:00Z (RFC 3339)",
  offset: "must end with Z or an offset such as +02:00: without one, it names no moment",
  day: "names a day that its month does not have",
  leapSecond:
    "has second 60, which exists only at the end of a month in UTC (RFC 3339, section 5.7)",
} as const;

const exists = (day: string): boolean => {
  const midnight = new Date(`${day}T00:00:00Z`);
  // JavaScript engines differ on 30 February: some roll over to March. It is refused.
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
};

const isStartOfMonth = (ms: number): boolean => {
  const time = new Date(ms);
  return time.getUTCDate() === 1 && ms % 86_400_000 === 0;
};

/**
 * Reads a date-time of RFC 3339, section 5.6: `T` and `Z` in either case, a fraction of any number
 * of digits (cut to milliseconds), `-00:00` for an offset that is not known. The seconds may be
 * left out, as ISO 8601 allows. A leap second counts as the second after it, as in POSIX time.
 */
export const parseTime = (text: string): ParsedTime => {
  const [, day, separator, hourAndMinute, second = "00", fraction = "", offset] =
    shape.exec(text) ?? [];
  if (day === undefined || hourAndMinute === undefined) return { fault: timeFault };
  if (separator === " ") return { fault: faults.separator };
  if (offset === undefined) return { fault: faults.offset };
  if (!exists(day)) return { fault: faults.day };

  const isLeap = second === "60";
  const minuteMs = Date.parse(`${day}T${hourAndMinute}:00${offset.toUpperCase()}`);
  const wholeMs = minuteMs + Number(second) * 1000;
  if (isLeap && !isStartOfMonth(wholeMs)) return { fault: faults.leapSecond };
  return { ms: wholeMs + Number(fraction.slice(0, 3).padEnd(3, "0")) };
};

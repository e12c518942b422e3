import * as z from "zod";
import { parseDuration } from "../domain/duration.ts";
import { parseTime } from "../domain/time.ts";

/**
 * Returns the schema of a time: RFC 3339, or a duration before or after now. Its output is RFC
 * 3339.
 */
const time = (now: number, direction: 1 | -1, example: string) =>
  z.string().transform((text, context) => {
    const durationMs = parseDuration(text.replace(/^in |ago$/g, ""));
    if (durationMs !== undefined) return new Date(now + direction * durationMs).toISOString();
    const parsed = parseTime(text);
    if ("ms" in parsed) return new Date(parsed.ms).toISOString();
    context.addIssue({ code: "custom", message: `${parsed.fault}, or ${example}` });
    return z.NEVER;
  });

/** Returns the schema of a time to come: `2h` is in two hours. */
export const futureTime = (now: number) => time(now, 1, "a duration from now such as 2h");

/** Returns the schema of a time that was: `2h` is two hours ago. */
export const pastTime = (now: number) => time(now, -1, "a duration before now such as 2h");

/** The schema of a duration such as `5s`. Its output is in milliseconds. */
export const durationOption = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue({
    code: "custom",
    message: "must be a duration such as 250ms, 5s, 2m, 6h or 1d",
  });
  return z.NEVER;
});

/** Returns the schema of a whole number in a range. */
export const countOption = (min: number, max: number) => {
  const fault = `must be a whole number from ${min} to ${max.toLocaleString("en")}`;
  return z
    .string()
    .regex(/^\d{1,12}$/, fault)
    .transform(Number)
    .refine((value) => value >= min && value <= max, fault);
};

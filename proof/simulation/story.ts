import type { Line } from "./chronicle.ts";
import type { Result } from "./run.ts";

const clock = (ms: number): string => {
  const [minutes, seconds] = [Math.floor(ms / 60_000), (ms % 60_000) / 1000];
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(hours)}:${two(rest)}:${seconds.toFixed(3).padStart(6, "0")}`;
};

/** What happened, a line each: when, who, what. */
const lineOf =
  (start: number) =>
  ({ at, who, what }: Line): string =>
    `  ${clock(at - start)}  ${who.padEnd(13)} ${what}`;

/** A run as a person can read it: its limits where they matter, what happened, and what broke. */
export const storyOf = ({ swarm, lines, violation, statuses }: Result): string => {
  const odds = Object.entries(swarm.weather.odds).filter(([, perMille]) => perMille > 0);
  const start = lines[0]?.at ?? 0;
  return [
    `lease ${swarm.leaseMs / 1000} s, margin ${swarm.clockMarginMs / 1000} s, grace ${swarm.graceMs / 1000} s,`,
    `function ${swarm.functionTimeoutMs / 1000} s, visibility ${swarm.visibilityMs / 1000} s, clocks up to ${swarm.skewMs / 1000} s apart,`,
    `retries after ${swarm.scheduleMs.map((ms) => ms / 1000).join(", ")} s;`,
    `faults: ${odds.map(([fault, perMille]) => `${fault} ${perMille / 10} %`).join(", ") || "none"}`,
    "",
    ...lines.map(lineOf(start)),
    "",
    violation
      ? `✗ ${violation.invariant}: ${violation.what}${violation.message ? ` (${violation.message})` : ""}`
      : `✓ everything holds: ${statuses.join(", ")}`,
  ].join("\n");
};

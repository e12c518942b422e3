import type { Distribution, Figures } from "./figures.ts";

const ms = (value: number): string =>
  value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${Math.round(value)} ms`;

const row = (name: string, { p50, p95, p99, max }: Distribution): string =>
  [name.padEnd(28), ...[p50, p95, p99, max].map((value) => ms(value).padStart(10))].join("");

/** The figures of a run as lines to be read. */
export const renderFigures = (figures: Figures): readonly string[] => {
  const { rssMb: rss } = figures;
  return [
    ["".padEnd(28), ...["p50", "p95", "p99", "max"].map((name) => name.padStart(10))].join(""),
    row("accepted", figures.acceptMs),
    row("first attempt", figures.firstAttemptMs),
    row("completed", figures.endToEndMs),
    row("health check", figures.healthMs),
    "",
    `${figures.completedPerSecond} COMPLETED a second, ${figures.requestsPerMessage} requests a message`,
    `backlog of ${figures.backlogMax} at most, drained ${figures.drainSeconds} s after the last was to be sent`,
    `memory ${rss.first} MB at first, ${rss.last} at last, ${rss.max} at most; ${rss.perMinute} MB a minute, ${rss.perMinuteLately} in the second half`,
  ];
};

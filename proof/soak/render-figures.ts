import type { Distribution, Figures } from "./figures.ts";

const ms = (value: number): string =>
  value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${Math.round(value)} ms`;

const row = (name: string, { p50, p95, p99, max }: Distribution): string =>
  [name.padEnd(28), ...[p50, p95, p99, max].map((value) => ms(value).padStart(10))].join("");

/** In less than this everything that is loaded and cached looks like growth. */
const slopeAfterMs = 120_000;

/** The figures of a run that took so long, as lines to be read. */
export const renderFigures = (figures: Figures, tookMs: number): readonly string[] => {
  const { rssMb: rss, requestsPerMessage: requests } = figures;
  const slope =
    tookMs < slopeAfterMs
      ? ""
      : `; ${rss.perMinute} MB a minute, ${rss.perMinuteLately} in the second half`;
  return [
    ["".padEnd(28), ...["p50", "p95", "p99", "max"].map((name) => name.padStart(10))].join(""),
    row("accepted", figures.acceptMs),
    row("first attempt", figures.firstAttemptMs),
    row("completed", figures.endToEndMs),
    row("health check", figures.healthMs),
    "",
    `${figures.completedPerSecond} COMPLETED a second, ${requests} ${requests === 1 ? "request" : "requests"} a message`,
    `backlog of ${figures.backlogMax} at most, drained ${figures.drainSeconds} s after the last was to be sent`,
    `memory ${rss.first} MB at first, ${rss.last} at last, ${rss.max} at most${slope}`,
  ];
};

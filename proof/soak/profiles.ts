import type { Shares } from "../edition/behaviour.ts";

/** What a run does to the edition. */
export type Profile = {
  readonly about: string;
  readonly ratePerSecond: number;
  /** How long messages come; or how many, whichever is over first. */
  readonly minutes: number;
  readonly countMax: number;
  readonly shares: Shares;
  /** How long the receiver takes for an answer. */
  readonly delayMs: number;
  /** While messages come, nobody delivers them, or the edition is killed again and again. */
  readonly trouble: "none" | "no-workers" | "kills";
};

const plain = { countMax: 100_000, shares: {}, delayMs: 20, trouble: "none" } as const;

export const profiles = {
  kill: {
    ...plain,
    about: "it is killed at random moments and started again, with a receiver that fails at times",
    ratePerSecond: 20,
    minutes: 3,
    shares: { broken: 0.03, reset: 0.01, cut: 0.01 },
    delayMs: 150,
    trouble: "kills",
  },
  steady: {
    ...plain,
    about: "an even stream to a receiver that is well",
    ratePerSecond: 30,
    minutes: 3,
  },
  failures: {
    ...plain,
    about: "a receiver that fails, says 429, hangs, and resets before and after its answer",
    ratePerSecond: 20,
    minutes: 3,
    shares: { broken: 0.1, throttled: 0.02, hanging: 0.01, reset: 0.01, cut: 0.01 },
  },
  burst: {
    ...plain,
    about: "ten thousand messages within ten seconds",
    ratePerSecond: 1000,
    minutes: 1,
    countMax: 10_000,
  },
  outage: {
    ...plain,
    about: "nobody delivers while messages come; then the edition is started as it is",
    ratePerSecond: 20,
    minutes: 10,
    trouble: "no-workers",
  },
} as const satisfies Readonly<Record<string, Profile>>;
export type ProfileName = keyof typeof profiles;

/** The product's own defaults, but for waits that a run would have to wait for. */
export const loadSettings = {
  POSTRIDER_TIMEOUT_MS: "3000",
  POSTRIDER_RETRY_SCHEDULE: "1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s",
} as const;

/** The same as numbers, with the defaults that the judgement needs. */
export const loadFacts = {
  leaseMs: 65_000,
  clockMarginMs: 0,
  scheduleMs: Array.from({ length: 12 }, () => 1000),
};

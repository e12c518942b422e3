/** Short waits, so that what a kill leaves behind is picked up within seconds. */
export const killSettings = {
  POSTRIDER_LEASE_MS: "5000",
  POSTRIDER_CLOCK_MARGIN_MS: "100",
  POSTRIDER_TIMEOUT_MS: "2000",
  POSTRIDER_GRACE_MS: "4000",
  POSTRIDER_DISPATCH_INTERVAL_MS: "500",
  POSTRIDER_RETRY_SCHEDULE: "1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s",
} as const;

/** The same as numbers, for whoever judges by them. */
export const killFacts = {
  leaseMs: 5000,
  clockMarginMs: 100,
  dispatchIntervalMs: 500,
  scheduleMs: Array.from({ length: 12 }, () => 1000),
};

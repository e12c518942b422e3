/**
 * What AWS takes, in dollars, without any free allowance. They change: look at the current ones.
 */
export const prices = {
  region: "us-east-1",
  asOf: "November 2026",
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  queueRequest: 0.4e-6,
  httpApiRequest: 1e-6,
  invocation: 0.2e-6,
  /** On ARM. */
  gbSecond: 0.0000133334,
  logGb: 0.5,
  transferOutGb: 0.09,
  storedGbMonth: 0.25,
  recoverableGbMonth: 0.2,
  alarmMetricMonth: 0.1,
  ownMetricMonth: 0.3,
  dashboardMonth: 3,
  secretMonth: 0.4,
  keyMonth: 1,
  scheduledRun: 1e-6,
} as const;

/**
 * Prices of AWS in dollars, without the free tier. They change: check the current ones.
 */
export const prices = {
  region: "us-east-1",
  asOf: "November 2026",
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  /** A unit for an hour takes 3,600 writes, or reads, if it is always in use. */
  provisionedWriteUnitHour: 0.00065,
  provisionedReadUnitHour: 0.00013,
  queueRequest: 0.4e-6,
  /** On top, for a request to a queue whose messages have a group: Amazon SQS fair queues. */
  fairQueueRequest: 0.1e-6,
  httpApiRequest: 1e-6,
  invocation: 0.2e-6,
  /** On ARM. */
  gbSecond: 0.0000133334,
  logGb: 0.5,
  transferOutGb: 0.09,
  xRayTrace: 5e-6,
  storedGbMonth: 0.25,
  recoverableGbMonth: 0.2,
  alarmMetricMonth: 0.1,
  ownMetricMonth: 0.3,
  dashboardMonth: 3,
  secretMonth: 0.4,
  keyMonth: 1,
  scheduledRun: 1e-6,
} as const;

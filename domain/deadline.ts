/** What bounds one exchange with a target. Times are epoch milliseconds. */
export type ExchangeBounds = {
  readonly now: number;
  /** How long the message, or the service, lets an exchange take. */
  readonly timeoutMs: number;
  readonly leaseUntil: number;
  /** By how much clocks may differ: another worker may count the lease as over so much earlier. */
  readonly clockMarginMs: number;
  /** When the process is stopped. */
  readonly endsAt: number;
  /** What must be left of its time to write down what came of the exchange. */
  readonly settleMs: number;
};

/**
 * Returns how many milliseconds an exchange may take: it ends before its time-out, before the lease
 * may count as over, and while there is time left to settle. Zero or less: it must not begin.
 */
export const exchangeDeadlineMs = (bounds: ExchangeBounds): number => {
  const { now, timeoutMs, leaseUntil, clockMarginMs, endsAt, settleMs } = bounds;
  return Math.min(timeoutMs, leaseUntil - clockMarginMs - now, endsAt - settleMs - now);
};

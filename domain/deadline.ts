/** The time that must be left, besides the exchange, to store its outcome. */
export const settleMs = 5000;

/** The bounds of one exchange with a target. Times are epoch milliseconds. */
export type ExchangeBounds = {
  readonly now: number;
  /** The time-out of the message, or the configured one. */
  readonly timeoutMs: number;
  readonly leaseUntil: number;
  /** How much clocks may differ: the dispatcher may see the lease end this much earlier. */
  readonly clockMarginMs: number;
  /** When the function is stopped. */
  readonly endsAt: number;
  /** The time needed after the exchange to store its outcome. */
  readonly settleMs: number;
};

/**
 * Returns how many milliseconds an exchange may take, so that it ends within its time-out, before
 * the lease ends, and with time left to store the outcome. Zero or less: it must not begin.
 */
export const exchangeDeadlineMs = (bounds: ExchangeBounds): number => {
  const { now, timeoutMs, leaseUntil, clockMarginMs, endsAt, settleMs } = bounds;
  return Math.min(timeoutMs, leaseUntil - clockMarginMs - now, endsAt - settleMs - now);
};

/** The waits between the requests of one call, in milliseconds. */
const firstWaitMs = 200;
const longestWaitMs = 5000;
/** A server that asks for a longer wait is not asked again by this call. */
export const retryAfterMsMax = 30_000;

/**
 * Tells whether the same request may be answered otherwise the next time. Postrider does nothing
 * twice, so it is safe after every such answer; 5xx besides 503 are those of gateways.
 */
export const isPassing = (status: number): boolean => status === 429 || status >= 500;

/** Reads `Retry-After`, seconds or a date (RFC 9110, 10.2.3), as a wait in milliseconds. */
export const retryAfterMs = (value: string | null, now: number): number => {
  const text = value?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
};

/**
 * Returns the wait before the next request: what the server asks for, and besides that a random
 * part of a bound that doubles each time, so that many clients do not come back at once.
 */
export const waitMs = (request: number, askedMs: number, random: number): number =>
  askedMs + Math.round(random * Math.min(longestWaitMs, firstWaitMs * 2 ** (request - 1)));

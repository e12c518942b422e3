const names = /Throttl|ThroughputExceeded|RequestLimitExceeded|^TimeoutError$/;
const codes = /^(ECONN|EPIPE$|ETIMEDOUT$|EAI_AGAIN$)/;

/**
 * Tells whether a call of the table or the queue failed because of throttling or a missing answer,
 * so that it may succeed a little later. Any other call would fail again.
 */
export const isOverload = (error: unknown): boolean => {
  if (typeof error !== "object" || error === null) return false;
  const { name, code, $metadata } = error as {
    readonly name?: unknown;
    readonly code?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode ?? 0;
  return names.test(String(name)) || codes.test(String(code)) || status === 429 || status >= 500;
};

const names = /Throttl|ThroughputExceeded|RequestLimitExceeded|^TimeoutError$/;
const codes = /^(ECONN|EPIPE$|ETIMEDOUT$|EAI_AGAIN$)/;

/**
 * Whether a call of the table or the queue failed because too much was asked of it, or because it
 * did not answer: the same call may succeed a little later. All others fail the same way again.
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

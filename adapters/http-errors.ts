import type { NoAnswerClass } from "../domain/outcome.ts";

/** A target that deliveries may not reach. Says nothing about what its name stands for. */
export class BlockedTarget extends Error {
  override readonly name = "BlockedTarget";
}

/** Error codes of Node, its TLS and undici, by what they mean for a delivery. */
const codes: readonly (readonly [NoAnswerClass, RegExp])[] = [
  ["dns", /^(ENOTFOUND|EAI_\w+)$/],
  [
    "connect",
    /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/,
  ],
  [
    "tls",
    /^(ERR_TLS_\w+|ERR_SSL_\w+|EPROTO|CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+)$/,
  ],
  ["timeout", /^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|UND_ERR_ABORTED)$/],
  ["reset", /^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET|UND_ERR_CLOSED|UND_ERR_DESTROYED)$/],
  [
    "protocol",
    /^(HPE_\w+|UND_ERR_\w*(HEADERS_OVERFLOW|CONTENT_LENGTH_MISMATCH|RES_\w+|RESPONSE\w*))$/,
  ],
  ["unsendable", /^(UND_ERR_INVALID_ARG|UND_ERR_NOT_SUPPORTED|ERR_INVALID_\w+)$/],
];

const classOfOne = (error: unknown): NoAnswerClass | undefined => {
  if (error instanceof BlockedTarget) return "target-blocked";
  if (!(error instanceof Error)) return undefined;
  if (error.name === "TimeoutError" || error.name === "AbortError") return "timeout";
  const { code } = error as NodeJS.ErrnoException;
  return codes.find(([, pattern]) => pattern.test(code ?? ""))?.[0];
};

/**
 * What an exchange that brought no status failed with. The outermost error that means something
 * decides; one that means nothing to us counts as the connection breaking off.
 */
export const classOf = (error: unknown): NoAnswerClass => {
  const own = classOfOne(error);
  if (own !== undefined) return own;
  if (error instanceof AggregateError && error.errors.length > 0) return classOf(error.errors[0]);
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? "reset" : classOf(cause);
};

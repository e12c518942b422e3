import type { NoAnswerClass } from "../domain/outcome.ts";

/** A target that deliveries may not reach. Reveals nothing about the addresses of its name. */
export class BlockedTarget extends Error {
  override readonly name = "BlockedTarget";
}

/** The error codes of Node, its TLS and undici, by their meaning for a delivery. */
const codes: readonly (readonly [NoAnswerClass, RegExp])[] = [
  ["dns", /^(ENOTFOUND|EAI_\w+)$/],
  [
    "connect",
    /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/,
  ],
  [
    "tls",
    /^(ERR_TLS_\w+|ERR_SSL_\w+|EPROTO|CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)$/,
  ],
  ["timeout", /^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|UND_ERR_ABORTED)$/],
  ["reset", /^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET|UND_ERR_CLOSED|UND_ERR_DESTROYED)$/],
  [
    "protocol",
    /^(HPE_\w+|UND_ERR_\w*(HEADERS_OVERFLOW|CONTENT_LENGTH_MISMATCH|RES_\w+|RESPONSE\w*))$/,
  ],
  ["unsendable", /^(UND_ERR_INVALID_ARG|UND_ERR_NOT_SUPPORTED|ERR_INVALID_\w+)$/],
];

/** The part of an error that is read. */
type Failure = {
  readonly name?: string;
  readonly code?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
};

const classOfOne = ({ name, code }: Failure): NoAnswerClass | undefined => {
  if (name === "BlockedTarget") return "target-blocked";
  if (name === "HTTPParserError") return "protocol"; // whose code undici leaves out as a rule
  if (name === "TimeoutError" || name === "AbortError") return "timeout";
  return codes.find(([, pattern]) => pattern.test(code ?? ""))?.[0];
};

/**
 * Returns the class of a failure without an HTTP status. The outermost error with a known code
 * decides; an unknown error counts as a broken connection.
 */
export const classOf = (error: unknown): NoAnswerClass => {
  if (typeof error !== "object" || error === null) return "reset";
  const failure: Failure = error;
  // Several addresses were tried: the first failure counts.
  return classOfOne(failure) ?? classOf(failure.errors?.[0] ?? failure.cause);
};

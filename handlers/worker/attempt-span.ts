import type { SpanEnd, SpanStart } from "../../adapters/tracing.ts";
import { defaultMethod, type Message } from "../../domain/message.ts";
import { type Exchange, isAccepted } from "../../domain/outcome.ts";
import { messagingSystem, ownAttributes } from "../span-names.ts";

/**
 * Returns the beginning of the span of a claimed message's attempt, which is one request (OpenTelemetry,
 * "Semantic conventions for HTTP spans"). Without `url.full`, which they ask for: path and query may hold
 * a secret of the target, as those of chat systems do.
 */
export const attemptStart = (message: Message, at: number): SpanStart => {
  const { hostname, port, protocol } = new URL(message.targetUrl);
  const scheme = protocol.slice(0, -1);
  const method = message.method ?? defaultMethod;
  return {
    ...{ name: method, kind: "client", at },
    attributes: {
      "http.request.method": method,
      "http.request.resend_count": message.attempts > 1 ? message.attempts - 1 : undefined,
      "server.address": hostname,
      "server.port": port === "" ? { http: 80, https: 443 }[scheme] : Number(port),
      "url.scheme": scheme,
      "messaging.system": messagingSystem,
      "messaging.message.id": message.messageId,
      [ownAttributes.sender]: message.senderId,
      [ownAttributes.attempt]: message.attempts,
      [ownAttributes.replay]: message.replays > 0 ? message.replays : undefined,
    },
  };
};

/** Returns its end. Whatever is not accepted is an error, with the status or the class of the failure. */
export const attemptEnd = (exchange: Exchange, at: number): SpanEnd => {
  const status = exchange.kind === "answered" ? exchange.status : undefined;
  const isError = status === undefined || !isAccepted(status);
  const failure = exchange.kind === "answered" ? String(exchange.status) : exchange.class;
  return {
    ...{ at, isError },
    attributes: {
      "http.response.status_code": status,
      "error.type": isError ? failure : undefined,
    },
  };
};

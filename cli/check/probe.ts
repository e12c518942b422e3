import { type OutgoingRequest, requestOf } from "../../domain/request.ts";

/** The requests of a check, in the order in which they are sent. */
export const probeNames = ["good", "repeat", "wrong-signature", "old", "unsigned"] as const;
export type ProbeName = (typeof probeNames)[number];

/** What the requests of a check are made of. */
export type ProbeFacts = {
  readonly url: string;
  readonly senderId: string;
  /** The secret that the receiver has. */
  readonly secret: string;
  /** A random one, that nobody has. */
  readonly wrongSecret: string;
  /** Random text, so that no message of this check is one of another. */
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly bodyType: "json" | "text";
};

/** Older than any receiver should take: the tolerance of Standard Webhooks is five minutes. */
const oldMs = 3_600_000;

/** Returns the id of a probe's message: each has its own, but the repeat that of the good one. */
export const probeMessageId = (name: ProbeName, token: string): string =>
  `check-${token}-${name === "repeat" ? "good" : name}`;

/** Returns the request of a probe, as a delivery of this content would be at that time. */
export const probeRequest = (name: ProbeName, facts: ProbeFacts, now: number): OutgoingRequest => {
  const { url, senderId, secret, wrongSecret, token, headers, body, bodyType } = facts;
  const messageId = probeMessageId(name, token);
  const attempts = name === "repeat" ? 2 : 1;
  const request = requestOf(
    { ...{ senderId, messageId, targetUrl: url, bodyType, attempts }, replays: 0 },
    { headers, body },
    [name === "wrong-signature" ? wrongSecret : secret],
    name === "old" ? now - oldMs : now,
  );
  if (name !== "unsigned") return request;
  const { "webhook-signature": _, ...unsigned } = request.headers;
  return { ...request, headers: unsigned };
};

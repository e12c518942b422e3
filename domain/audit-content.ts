import { type Audited, type Rule, timeText } from "./audit-rule.ts";
import { ttlOf } from "./submission.ts";

/** Later than the year 5000 in seconds: the value must be in milliseconds. */
const ttlMax = 1e11;

const ttlEvidence = (ttl: number, expected: number): string =>
  `ttl is ${timeText(ttl * 1000)}, and should be ${timeText(expected * 1000)}`;

/** Rules about how long a message is kept and whether its content is what its sender submitted. */
export const contentRules = [
  {
    id: "no-ttl",
    wrong: "The message has no ttl: it is never removed, and its id is free to be taken.",
    remedy:
      "Set ttl, in epoch seconds, to the later of createdAt plus retentionDays and giveUpAt plus a day.",
    evidence: ({ message }) => (message.ttl === undefined ? "no ttl" : undefined),
  },
  {
    id: "ttl-in-ms",
    wrong: "The ttl of the message is in milliseconds: it is never removed.",
    remedy: "Divide ttl by 1000: it is in epoch seconds.",
    evidence: ({ message: { ttl = 0 } }) => (ttl >= ttlMax ? `ttl is ${ttl}` : undefined),
  },
  {
    id: "expires-early",
    wrong: "The message expires before its retention is over or its last moment has come.",
    remedy:
      "Set ttl, in epoch seconds, to the later of createdAt plus retentionDays and giveUpAt plus a day.",
    unless: ["no-ttl", "alive-past-ttl"],
    evidence: ({ message: { ttl = 0, createdAt, retentionDays, giveUpAt } }) => {
      const expected = ttlOf(createdAt, retentionDays, giveUpAt);
      return ttl < expected ? ttlEvidence(ttl, expected) : undefined;
    },
  },
  {
    id: "expires-late",
    wrong: "The message is kept for longer than its retention.",
    remedy:
      "Set ttl, in epoch seconds, to the later of createdAt plus retentionDays and giveUpAt plus a day.",
    unless: ["ttl-in-ms"],
    evidence: ({ message, facts }) => {
      const { ttl = 0, createdAt, updatedAt, retentionDays, giveUpAt } = message;
      // A replay, at `updatedAt` at the latest, has moved it on; each by a clock of its own.
      const writtenBy = Math.max(createdAt, updatedAt) + facts.clockMarginMs;
      const latest = ttlOf(writtenBy, retentionDays, giveUpAt);
      return ttl > latest ? ttlEvidence(ttl, latest) : undefined;
    },
  },
  {
    id: "payload-missing",
    wrong: "The headers and body of the message are not there any more.",
    remedy:
      "If it has not ended, it will fail. Restore the table to a time before that, as a copy, and look there for the payload item.",
    evidence: ({ message, payload, facts }) => {
      const { payload: isApart, failReason, erasedAt, ttl = 0 } = message;
      const isExpected = isApart && failReason !== "payload-missing" && erasedAt === undefined;
      return isExpected && !payload && ttl * 1000 > facts.now
        ? "there is no payload of its fingerprint"
        : undefined;
    },
  },
  {
    id: "erased-in-part",
    wrong: "The message was erased, and some of its content is still stored.",
    remedy:
      "Have its sender erase it again: DELETE /v1/messages/{messageId}. Until then the rest is kept, and shown to nobody.",
    evidence: ({ message: { erasedAt, headers, body }, payload }) => {
      if (erasedAt === undefined) return undefined;
      if (headers !== undefined || body !== undefined) return "the message has headers or a body";
      return payload && "its payload is stored";
    },
  },
  {
    id: "part-expires-early",
    wrong: "The payload or an attempt of the message expires before the message.",
    remedy: "Set ttl of the payload and the attempts to that of the message.",
    unless: ["ttl-in-ms", "expires-late"],
    evidence: ({ message: { ttl = 0 }, payload, attempts }) => {
      const isEarly = (part: { readonly ttl?: unknown }): boolean =>
        !(typeof part.ttl === "number" && part.ttl >= ttl);
      if (payload && isEarly(payload)) return "the payload does";
      const early = attempts.find(isEarly);
      return early && `attempt ${early.number} does`;
    },
  },
  {
    id: "secret-unreadable",
    wrong:
      "A secret header of the message cannot be opened with these master keys, or its fingerprint not checked.",
    remedy:
      "Put the master key that sealed it back into the secret: the guide to security, under The master key.",
    evidence: ({ content }) => (content === "unreadable" ? "it does not open" : undefined),
  },
  {
    id: "content-changed",
    wrong: "The message is not what its sender gave: its fingerprint is another one.",
    remedy:
      "Someone changed its URL, method, headers, body or times. Restore the table as a copy and compare; have its sender submit it again.",
    evidence: ({ content }) =>
      content === "changed" ? "the fingerprint of its content is not the stored one" : undefined,
  },
] as const satisfies readonly Rule<Audited>[];

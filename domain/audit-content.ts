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
    wrong: "The message has no ttl: it never expires, and another message can take its id.",
    remedy:
      "Set ttl (epoch seconds) to the later of createdAt + retentionDays and giveUpAt + 1 day.",
    evidence: ({ message }) => (message.ttl === undefined ? "no ttl" : undefined),
  },
  {
    id: "ttl-in-ms",
    wrong: "The ttl of the message is in milliseconds: it never expires.",
    remedy: "Divide ttl by 1000: it must be in epoch seconds.",
    evidence: ({ message: { ttl = 0 } }) => (ttl >= ttlMax ? `ttl is ${ttl}` : undefined),
  },
  {
    id: "expires-early",
    wrong: "The message expires before its retention or its giveUpAt is over.",
    remedy:
      "Set ttl (epoch seconds) to the later of createdAt + retentionDays and giveUpAt + 1 day.",
    unless: ["no-ttl", "alive-past-ttl"],
    evidence: ({ message: { ttl = 0, createdAt, retentionDays, giveUpAt } }) => {
      const expected = ttlOf(createdAt, retentionDays, giveUpAt);
      return ttl < expected ? ttlEvidence(ttl, expected) : undefined;
    },
  },
  {
    id: "expires-late",
    wrong: "The message is kept longer than its retention.",
    remedy:
      "Set ttl (epoch seconds) to the later of createdAt + retentionDays and giveUpAt + 1 day.",
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
    wrong: "The payload item with the headers and body of the message is missing.",
    remedy:
      "Copy it back from a restored copy of the table. Without it, a message that has not ended will fail.",
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
    wrong: "The message was erased, and some of its content is still stored, though never shown.",
    remedy: "Have its sender erase it again: DELETE /v1/messages/{messageId}.",
    evidence: ({ message: { erasedAt, headers, body }, payload }) => {
      if (erasedAt === undefined) return undefined;
      if (headers !== undefined || body !== undefined) return "the message has headers or a body";
      return payload && "its payload is stored";
    },
  },
  {
    id: "part-expires-early",
    wrong: "The payload or an attempt of the message expires before it.",
    remedy: "Set their ttl to that of the message.",
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
      "These master keys cannot decrypt a secret header of the message, or check its fingerprint.",
    remedy:
      "Put the master key that sealed it back into the secret: see the guide to security, under The master key.",
    evidence: ({ content }) => (content === "unreadable" ? "it cannot be decrypted" : undefined),
  },
  {
    id: "content-changed",
    wrong: "The message is not what its sender gave: its fingerprint differs.",
    remedy:
      "Someone changed its URL, method, headers, body or times. Compare with a restored copy of the table; have its sender submit it again, under a new id.",
    evidence: ({ content }) =>
      content === "changed" ? "the fingerprint of its content is not the stored one" : undefined,
  },
] as const satisfies readonly Rule<Audited>[];

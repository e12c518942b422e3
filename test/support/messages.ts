import { createHash } from "node:crypto";
import { fingerprintOf, type Mac } from "../../domain/fingerprint.ts";
import type { LastOutcome, Message } from "../../domain/message.ts";
import { newMessage, type Policy, type Submission } from "../../domain/submission.ts";

/** The moment at which every test begins. */
export const t0 = Date.UTC(2026, 10, 2, 9, 0, 0);

export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

export const graceMs = minuteMs;
export const clockMarginMs = 5 * secondMs;
export const leaseMs = 65 * secondMs;

/** The default retry schedule: about two days. */
export const defaultScheduleMs = [
  ...[5000, 30_000, 120_000, 600_000, 1_800_000],
  ...[7_200_000, 21_600_000, 50_400_000, 86_400_000],
] as const;

/** What holds for a message that does not say otherwise. */
export const policy: Policy = { scheduleMs: defaultScheduleMs, retentionDays: 30 };

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A keyed hash of the tests, under the keys `newest` and `another`. */
export const aMac: Mac = (text, keyId = "newestid") => {
  if (!["newestid", "another1"].includes(keyId)) throw new Error("There is no such key");
  return `${keyId}.${createHash("sha256").update(`${keyId} ${text}`).digest("base64url")}`;
};

export const aSubmission = (overrides: Partial<Submission> = {}): Submission => ({
  senderId: "shop",
  messageId: "order-7",
  timestamp: "2026-11-02T08:59:59Z",
  targetUrl: "https://example.com/hooks",
  ...overrides,
});

/** A message as it is first stored, at `t0`; the overrides may put it anywhere in its life. */
export const aMessage = (overrides: Partial<Message> = {}): Message => {
  const { senderId, messageId } = { ...aSubmission(), ...overrides };
  const asked = aSubmission({ senderId, messageId });
  const facts = { now: overrides.createdAt ?? t0, graceMs, shards: 1, submitId: "submit-1" };
  const fingerprint = fingerprintOf(asked, aMac);
  return { ...newMessage(asked, policy, { ...facts, fingerprint }), ...overrides };
};

export const anOutcome = (overrides: Partial<LastOutcome> = {}): LastOutcome => ({
  attempt: 1,
  class: "status",
  status: 503,
  at: t0,
  ...overrides,
});

let ids = 0;
/** An id that no other test of the file has. */
export const aMessageId = (): string => `order-${++ids}`;

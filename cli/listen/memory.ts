import { createHash } from "node:crypto";

/** What is known of a message when a request of it comes. */
export type Known = {
  /** Its requests, this one included. */
  readonly seen: number;
  /** Whether an earlier one was answered 2xx: then this one is a repeat, which a receiver drops. */
  readonly isAccepted: boolean;
};

/**
 * Remembers messages by their `webhook-id`, the latest `max` of them. An id is somebody else's text,
 * of any length, so its hash is kept.
 */
export const messageMemory = (max: number) => {
  const known = new Map<string, Known>();
  const keyOf = (webhookId: string): string =>
    createHash("sha256").update(webhookId).digest("base64url");
  const keep = (key: string, now: Known): void => {
    known.delete(key);
    known.set(key, now);
    const [oldest] = known.keys();
    if (known.size > max && oldest !== undefined) known.delete(oldest);
  };
  return {
    /** Counts a request and returns what is known of its message. */
    meet: (webhookId: string): Known => {
      const key = keyOf(webhookId);
      const { seen, isAccepted } = known.get(key) ?? { seen: 0, isAccepted: false };
      const now = { seen: seen + 1, isAccepted };
      keep(key, now);
      return now;
    },
    /** Notes that a request of the message was answered 2xx. */
    accept: (webhookId: string): void => {
      const key = keyOf(webhookId);
      keep(key, { seen: known.get(key)?.seen ?? 1, isAccepted: true });
    },
  };
};
export type MessageMemory = ReturnType<typeof messageMemory>;

import type { Attempt } from "./attempt.ts";
import type { Mac } from "./fingerprint.ts";
import type { Message, MessageKey } from "./message.ts";
import type { Fields } from "./message-shape.ts";

export type StoredItem = {
  readonly fields: Fields;
  /** Whether its attributes agree with the key that it is stored under. */
  readonly isUnderItsKey: boolean;
};

/** All items of one idempotency key, as read from the table. */
export type StoredHistory = {
  /** The ids in the key itself. */
  readonly key: MessageKey;
  readonly message?: StoredItem & {
    /** Whether it has the right keys for the index `bySender`. */
    readonly isListed: boolean;
  };
  readonly attempts: readonly StoredItem[];
  /** If the message exists, only those with its fingerprint. */
  readonly payloads: readonly StoredItem[];
  /** How many items are of a kind or version that this code does not know. */
  readonly strangers: number;
};

/**
 * The headers and body of a message. `sealed`: no keys were given; `unreadable`: the keys do not
 * fit.
 */
export type Content =
  | {
      readonly kind: "read";
      readonly headers: Message["headers"];
      readonly body: Message["body"];
      /** Holds the key that the fingerprint names. Absent if no keys were given. */
      readonly mac?: Mac;
    }
  | { readonly kind: "sealed" | "unreadable" };

/** What the audit depends on besides the stored items. */
export type AuditFacts = {
  readonly now: number;
  /** How many shards of the due index the dispatcher reads. */
  readonly shards: number;
  readonly graceMs: number;
  readonly clockMarginMs: number;
  /** How late the dispatcher may check a message. */
  readonly lateMs: number;
  /** Decrypts the secret headers of the message or of its payload item. */
  readonly contentOf: (message: Message, stored: Pick<Message, "headers" | "body">) => Content;
};

/** A history and the time when it was read. */
export type ReadHistory = StoredHistory & { readonly now: number };

/** A message whose attributes have the right types and whose status is known. */
export type AuditedMessage = Omit<Message, "ttl"> & { readonly ttl?: number };

export type Audited = {
  readonly message: AuditedMessage;
  /** Only those of this message, not of an expired one with the same id. */
  readonly attempts: readonly Partial<Attempt>[];
  /** The payload item, if the message has one. */
  readonly payload: Fields | undefined;
  /** What the fingerprint tells about the content. */
  readonly content: "as-given" | "changed" | "unreadable" | "unchecked" | "missing";
  readonly facts: AuditFacts;
};

/** One kind of damage that stored items can have. */
export type Rule<Subject> = {
  readonly id: string;
  /** What is wrong, in one sentence. */
  readonly wrong: string;
  /** What an operator should do about it. */
  readonly remedy: string;
  /** Rules that explain this one: it is not reported with them. They come earlier in the list. */
  readonly unless?: readonly string[];
  /** Returns the values that show the damage, without secrets, or `undefined` if there is none. */
  readonly evidence: (subject: Subject) => string | undefined;
};

/** One broken rule of one message. */
export type AuditFinding = MessageKey & { readonly rule: string; readonly evidence: string };

/** Formats a time for a person. A number that no Date can hold is shown as a number. */
export const timeText = (ms: number | undefined): string => {
  if (ms === undefined) return "never";
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms);
};

/** Formats a duration for a person, in its largest fitting unit. */
export const spanText = (ms: number): string => {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
  ] as const;
  const [unit, size] = units.find(([, each]) => ms >= each) ?? ["s", 1000];
  return `${Math.round(ms / size)} ${unit}`;
};

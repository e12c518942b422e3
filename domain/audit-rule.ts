import type { Attempt } from "./attempt.ts";
import type { Mac } from "./fingerprint.ts";
import type { Message, MessageKey } from "./message.ts";
import type { Fields } from "./message-shape.ts";

export type StoredItem = {
  readonly fields: Fields;
  /** Whether the attributes that its key is made of say the same as the key. */
  readonly isUnderItsKey: boolean;
};

/** All that the table has under one idempotency key, as it was read. */
export type StoredHistory = {
  /** The ids that the key itself is made of. */
  readonly key: MessageKey;
  readonly message?: StoredItem & {
    /** Whether it has the keys by which the index `bySender` lists it. */
    readonly isListed: boolean;
  };
  readonly attempts: readonly StoredItem[];
  /** Where the message is there, those of its own fingerprint only. */
  readonly payloads: readonly StoredItem[];
  /** How many items there are of no kind or version that this code knows. */
  readonly strangers: number;
};

/** What a message has to send. `sealed`: nobody gave the keys; `unreadable`: they do not open it. */
export type Content =
  | {
      readonly kind: "read";
      readonly headers: Message["headers"];
      readonly body: Message["body"];
      /** Has the key of the fingerprint, if that names one; absent if nobody gave the keys. */
      readonly mac?: Mac;
    }
  | { readonly kind: "sealed" | "unreadable" };

/** What the judgement of a table depends on besides what is stored. */
export type AuditFacts = {
  readonly now: number;
  /** How many shards of the due index the dispatcher reads. */
  readonly shards: number;
  readonly graceMs: number;
  readonly clockMarginMs: number;
  /** How late the dispatcher may look at a message. */
  readonly lateMs: number;
  /** Opens the secret headers of what is stored inline, or in the payload. */
  readonly contentOf: (message: Message, stored: Pick<Message, "headers" | "body">) => Content;
};

/** A history as it was read, and when that was. */
export type ReadHistory = StoredHistory & { readonly now: number };

/** A message whose attributes have their types, and whose status is known. */
export type AuditedMessage = Omit<Message, "ttl"> & { readonly ttl?: number };

export type Audited = {
  readonly message: AuditedMessage;
  /** Its own, and none of a predecessor under the same id. */
  readonly attempts: readonly Partial<Attempt>[];
  /** Where the message keeps headers and body apart, and they are there. */
  readonly payload: Fields | undefined;
  /** What its fingerprint says of it. */
  readonly content: "as-given" | "changed" | "unreadable" | "unchecked" | "missing";
  readonly facts: AuditFacts;
};

/** Something that must not be, in what is stored. */
export type Rule<Subject> = {
  readonly id: string;
  /** What is wrong with a message that breaks it. */
  readonly wrong: string;
  /** What an operator should do about it. */
  readonly remedy: string;
  /** Not reported where one of these is: they explain it. They stand earlier in the list. */
  readonly unless?: readonly string[];
  /** The values that show it, without anything secret; `undefined` where nothing is wrong. */
  readonly evidence: (subject: Subject) => string | undefined;
};

/** One thing that is wrong with one message. */
export type AuditFinding = MessageKey & { readonly rule: string; readonly evidence: string };

/** A time for a person to read. What is no time of this calendar is shown as a number. */
export const timeText = (ms: number | undefined): string => {
  if (ms === undefined) return "never";
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms);
};

/** A duration for a person to read, in its largest fitting unit. */
export const spanText = (ms: number): string => {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
  ] as const;
  const [unit, size] = units.find(([, each]) => ms >= each) ?? ["s", 1000];
  return `${Math.round(ms / size)} ${unit}`;
};

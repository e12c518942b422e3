/** Where a message is in its life; `docs/reference/lifecycle.md` says who moves it on. */
export const statuses = [
  "PENDING",
  "QUEUED",
  "PROCESSING",
  "COMPLETED",
  "FAILED",
  "CANCELLED",
] as const;
export type Status = (typeof statuses)[number];

/** Whether it is a status that this version knows; what is stored may be of a newer one. */
export const isStatus = (value: unknown): value is Status =>
  statuses.some((status) => status === value);

export const terminalStatuses = ["COMPLETED", "FAILED", "CANCELLED"] as const;

export const isTerminal = (status: Status): boolean =>
  terminalStatuses.some((terminal) => terminal === status);

/** Why a message FAILED. */
export const failReasons = [
  "attempts-exhausted",
  "too-late",
  "gone",
  "target-blocked",
  "payload-missing",
  "unsendable",
] as const;
export type FailReason = (typeof failReasons)[number];

/** A body is sent as the bytes of a JSON value, of a text, or of its base64. */
export const bodyTypes = ["json", "text", "bytes"] as const;
export type BodyType = (typeof bodyTypes)[number];

/** The HTTP method of a message that names none. */
export const defaultMethod = "POST";

/** The idempotency key: one pair, one message. */
export type MessageKey = { readonly senderId: string; readonly messageId: string };

/** What came of the latest attempt, in the few bytes that the message itself has for it. */
export type LastOutcome = {
  readonly attempt: number;
  /** `accepted`, or the class of the failure: `status`, `timeout`, `dns`, … or `unknown`. */
  readonly class: string;
  /** The HTTP status, where there was an answer. */
  readonly status?: number;
  readonly at: number;
};

/**
 * A message as it is stored. Times end in `At` and are epoch milliseconds; `ttl` alone is epoch
 * seconds, as DynamoDB demands.
 */
export type Message = MessageKey & {
  // What was asked: never changes.
  readonly timestamp: string;
  readonly targetUrl: string;
  readonly method?: string;
  /** Absent where the message has none, and where `payload` says that they are stored apart. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent as `headers` is. */
  readonly body?: Uint8Array;
  /** What `body` was given as, which says its default `content-type`. */
  readonly bodyType?: BodyType;
  /** Headers and body are in the payload item of this fingerprint. */
  readonly payload?: boolean;
  readonly deliverAt?: number;
  readonly timeoutMs?: number;
  /** Waits between attempts, where the message or its sender does not use the default. */
  readonly scheduleMs?: readonly number[];
  readonly retentionDays: number;
  /** Tells a repeat from a reused id, and names the payload: see `fingerprint.ts`. */
  readonly fingerprint: string;

  // Where it is.
  readonly status: Status;
  /** Counts claims, and is the fence: only the holder of this number may settle it. */
  readonly attempts: number;
  readonly attemptsAllowed: number;
  /** `attempts` when the message was last replayed: where its schedule begins. */
  readonly attemptsBefore: number;
  readonly replays: number;
  /** When the next attempt may begin; absent once the message has ended. */
  readonly notBefore?: number;
  /** When the dispatcher must next look at it; absent once the message has ended. */
  readonly dueAt?: number;
  readonly dueShard?: string;
  /** When the dispatcher last found that it can do nothing about it; any change removes this. */
  readonly quarantinedAt?: number;
  readonly giveUpAt: number;
  readonly leaseUntil?: number;
  readonly cancelRequestedAt?: number;
  readonly lastOutcome?: LastOutcome;
  readonly failReason?: FailReason;
  readonly failedShard?: string;
  readonly senderShard: string;

  // Who wrote it: random tokens by which a writer knows its own write again.
  readonly submitId: string;
  readonly owner?: string;

  // When it was last in each state.
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly pendingAt: number;
  readonly queuedAt?: number;
  readonly processingAt?: number;
  readonly completedAt?: number;
  readonly failedAt?: number;
  readonly cancelledAt?: number;

  readonly ttl: number;
};

/** DynamoDB may take days to remove what is past its `ttl`; until then it counts as absent. */
export const isExpired = ({ ttl }: { readonly ttl: number }, now: number): boolean =>
  ttl * 1000 <= now;

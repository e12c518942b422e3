import type { Took } from "./took.ts";

/** The states of a message. `docs/reference/lifecycle.md` says who moves it on. */
export const statuses = [
  "PENDING",
  "QUEUED",
  "PROCESSING",
  "COMPLETED",
  "FAILED",
  "CANCELLED",
] as const;
export type Status = (typeof statuses)[number];

/** Tells whether this version knows a status: a newer version may have stored it. */
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

/** How the body was given: as a JSON value, as text, or as bytes in base64. */
export const bodyTypes = ["json", "text", "bytes"] as const;
export type BodyType = (typeof bodyTypes)[number];

/** The default HTTP method. */
export const defaultMethod = "POST";

/** The idempotency key: one pair is one message. */
export type MessageKey = { readonly senderId: string; readonly messageId: string };

/** The outcome of the latest attempt, in the few bytes that the message has room for. */
export type LastOutcome = {
  readonly attempt: number;
  /** `accepted`, or the class of the failure: `status`, `timeout`, `dns`, … or `unknown`. */
  readonly class: string;
  /** The HTTP status, if the target answered. */
  readonly status?: number;
  readonly at: number;
  /** Of an accepted one, what its exchange took. A failed one has an item of its own for that. */
  readonly took?: Took;
};

/**
 * A message as stored. Times end in `At` and are epoch milliseconds; only `ttl` is epoch seconds,
 * as DynamoDB requires.
 */
export type Message = MessageKey & {
  // What was submitted: never changes, but that headers and body can be erased.
  readonly timestamp: string;
  readonly targetUrl: string;
  readonly method?: string;
  /** Absent if the message has none, or if `payload` says that they are stored apart. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent as `headers` is. */
  readonly body?: Uint8Array;
  /** How `body` was given: decides its default `content-type`. */
  readonly bodyType?: BodyType;
  /** Headers and body are in the payload item with this fingerprint. */
  readonly payload?: boolean;
  readonly deliverAt?: number;
  readonly timeoutMs?: number;
  /** Waits between attempts, if the message or its sender has a schedule of its own. */
  readonly scheduleMs?: readonly number[];
  readonly retentionDays: number;
  /** The parts that no view shows, in letters: see `redact.ts`. */
  readonly redact?: string;
  /**
   * Its place in a trace, in bytes: see `trace-context.ts`. What it was submitted with is not part of
   * its content, so no repeat differs by it.
   */
  readonly trace?: Uint8Array;
  readonly tracestate?: string;
  /** Distinguishes a repeat from a reused id, and names the payload item: see `fingerprint.ts`. */
  readonly fingerprint: string;

  // Its state.
  readonly status: Status;
  /** The number of claims, and the fence: only the holder of this number may end the attempt. */
  readonly attempts: number;
  readonly attemptsAllowed: number;
  /** `attempts` at the last replay: where the retry schedule begins again. */
  readonly attemptsBefore: number;
  readonly replays: number;
  /** When the next attempt may begin. Absent once the message has ended. */
  readonly notBefore?: number;
  /** When the dispatcher must next check it. Absent once the message has ended. */
  readonly dueAt?: number;
  readonly dueShard?: string;
  /** When the dispatcher put it in quarantine. Any change removes it. */
  readonly quarantinedAt?: number;
  readonly giveUpAt: number;
  readonly leaseUntil?: number;
  readonly cancelRequestedAt?: number;
  readonly lastOutcome?: LastOutcome;
  readonly failReason?: FailReason;
  readonly failedShard?: string;
  /** When its content was erased. Then it has no headers and no body, and `payload` is set. */
  readonly erasedAt?: number;
  readonly senderShard: string;
  /** It was stored while no index of all messages was kept, and is not in that index. */
  readonly unlisted?: boolean;

  // Random tokens by which a writer recognizes its own write.
  readonly submitId: string;
  readonly owner?: string;

  // When it last entered each state.
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

/** Tells whether a message is past its `ttl`. DynamoDB removes it up to days later. */
export const isExpired = ({ ttl }: { readonly ttl: number }, now: number): boolean =>
  ttl * 1000 <= now;

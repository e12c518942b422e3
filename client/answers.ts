import type { JobStatus } from "./job-answers.ts";

/** The states of a message. A later version may know others. */
export type Status = "PENDING" | "QUEUED" | "PROCESSING" | "COMPLETED" | "FAILED" | "CANCELLED";

export type FailReason =
  | "attempts-exhausted"
  | "too-late"
  | "gone"
  | "target-blocked"
  | "payload-missing"
  | "unsendable";

/** What an attempt came to: accepted by a 2xx, another HTTP status, or why there was no answer. */
export type OutcomeClass =
  | "accepted"
  | "status"
  | "dns"
  | "connect"
  | "tls"
  | "timeout"
  | "reset"
  | "protocol"
  | "unknown"
  | "target-blocked"
  | "unsendable"
  | "payload-missing"
  | "too-late";

/** What of a message can be kept out of every answer. */
export type Redactable = "body" | "headers" | "response";

/** Every time is a text of RFC 3339 in UTC. */
type Summary = {
  messageId: string;
  senderId: string;
  status: Status;
  attempts: number;
  timestamp: string;
  targetUrl: string;
  createdAt: string;
  expiresAt: string;
};

type Progress = {
  attemptsAllowed: number;
  replays: number;
  notBefore?: string | undefined;
  giveUpAt: string;
  cancelRequestedAt?: string | undefined;
  erasedAt?: string | undefined;

  updatedAt: string;
};

export type LastOutcome = {
  attempt: number;
  class: OutcomeClass;
  status?: number | undefined;
  at: string;
};

type Ends = {
  failedAt?: string | undefined;
  lastOutcome?: LastOutcome | undefined;
  failReason?: FailReason | undefined;
};

/** The answer to a submit. `duplicate`: the message was there before. */
export type Accepted = Summary & { duplicate: boolean };

/** A message after a cancel, a send-now, a replay or an erasure. */
export type SteeredMessage = Summary & Progress;

/** A message, without its body. */
export type Message = Summary &
  Progress &
  Ends & {
    why: string;
    /** What its attempts continue, if it is in a trace. */
    traceparent?: string | undefined;
    method: string;
    redact?: Redactable[] | undefined;
    headers?: Record<string, string> | undefined;
    pendingAt: string;
    queuedAt?: string | undefined;
    processingAt?: string | undefined;
    completedAt?: string | undefined;
    cancelledAt?: string | undefined;
  };

/** A message in a list. */
export type ListedMessage = Summary &
  Pick<Progress, "attemptsAllowed" | "notBefore" | "updatedAt"> &
  Ends;

export type MessagePage = { items: ListedMessage[]; nextCursor: string | null };

export type Action = "cancel" | "send-now" | "replay" | "erase";

/** Why a message is where it is, and what happens next: sentences for a person. */
export type Why = { why: string; next: string; nextAt?: string | undefined; canDo: Action[] };

export type Attempt = {
  number: number;
  outcome: "delivered" | "failed" | "in-progress" | "unknown";
  class?: OutcomeClass | undefined;
  status?: number | undefined;
  startedAt?: string | undefined;
  durationMs?: number | undefined;
  timings?:
    | {
        dnsMs?: number | undefined;
        connectMs?: number | undefined;
        tlsMs?: number | undefined;
        firstByteMs?: number | undefined;
      }
    | undefined;
  responseText?: string | undefined;
};

/** One thing that happened to a message. */
export type HistoryEvent = { at?: string | undefined } & (
  | { kind: "submitted" }
  | ({ kind: "attempt" } & Attempt)
  | { kind: "state"; status: Status }
  | {
      kind: "action";
      action: Action;
      by: {
        keyId?: string | undefined;
        address?: string | undefined;
        jobId?: string | undefined;
      };
      found: Status;
      asked?: { attempts?: number | undefined; deliverAt?: string | undefined } | undefined;
      refused: boolean;
    }
);

/** Failures that have something in common. */
export type FailureGroup = {
  key: string;
  count: number;
  since: string;
  lastAt: string;
  exampleMessageId: string;
};

export type Failures = { groups: FailureGroup[]; isComplete: boolean };

/** How many messages there are; at least so many, if it is not exact. */
export type MessageCount = { count: number; isExact: boolean };

type Ended = { completed: number; failed: number; retried: number };
type Durations = { p50Ms?: number | undefined; p95Ms?: number | undefined };

/** How attempts ended, over time. The counts are about right, and not exact. */
export type Outcomes = {
  buckets: (Ended & { from: string; to: string })[];
  total: Ended;
  accept: Durations;
  delivery: Durations;
  exchange: Durations;
  isAbout: true;
};

/** One fault of a request: its path and what is wrong there. */
export type Issue = { path: (string | number)[]; message: string };

/** What an error is answered with. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  messageStatus?: Status | undefined;
  jobStatus?: JobStatus | undefined;
  issues?: Issue[] | undefined;
};

/** What came of one message of a batch. */
export type BatchResult = Accepted | { messageId?: string | undefined; problem: Problem };

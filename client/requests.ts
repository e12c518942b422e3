import type { FailReason, Redactable, Status } from "./answers.ts";

/** A time: a `Date`, or a text of RFC 3339. */
export type Time = Date | string;

/** A message to send. `docs/reference/http.md` has the rules of each member. */
export type Submission = {
  /** The idempotency key: the same id again is the same message, and delivers nothing twice. */
  readonly messageId: string;
  readonly targetUrl: string;
  /** By default that of the client. */
  readonly senderId?: string | undefined;
  /** When the event happened. Default: now. */
  readonly timestamp?: Time | undefined;
  readonly method?: "DELETE" | "GET" | "PATCH" | "POST" | "PUT" | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A string is sent as that text, any other value as its JSON. */
  readonly body?: unknown;
  /** Bytes in place of `body`, in base64. */
  readonly bodyBase64?: string | undefined;
  readonly deliverAt?: Time | undefined;
  readonly giveUpAt?: Time | undefined;
  readonly retry?:
    | { readonly schedule?: readonly string[]; readonly maxAttempts?: number }
    | undefined;
  readonly timeoutMs?: number | undefined;
  /** What is shown in no answer. */
  readonly redact?: readonly Redactable[] | undefined;
  readonly retentionDays?: number | undefined;
};

/** Which messages a list has. */
export type ListFilter = {
  readonly status?: Status | "unfinished" | undefined;
  readonly from?: Time | undefined;
  readonly to?: Time | undefined;
  readonly target?: string | undefined;
  readonly reason?: FailReason | undefined;
  /** How many messages one request asks for. */
  readonly limit?: number | undefined;
};

/** What a replay changes. */
export type Replay = {
  readonly attempts?: number | undefined;
  readonly deliverAt?: Time | undefined;
};

/** What a job is to do. */
export type JobAsked = {
  readonly action: "replay" | "cancel";
  readonly filter: Omit<ListFilter, "limit">;
  readonly ratePerSecond?: number | undefined;
  readonly canary?: false | { readonly failShareMax: number } | undefined;
  readonly attempts?: number | undefined;
};

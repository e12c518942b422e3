import type { Action } from "../domain/actions.ts";
import type { Transition } from "../domain/change.ts";
import type { JobVerb } from "../domain/job.ts";
import type { MessageKey } from "../domain/message.ts";
import type { Timings } from "../domain/outcome.ts";
import type { SenderChange } from "../domain/sender-change.ts";

type Transitions = {
  readonly transitions: readonly Pick<Transition, "verb" | "from" | "to">[];
};

/** A function starts. `settings` are the texts that were set; none is a secret. */
export type StartLine = {
  readonly event: "start";
  readonly settings: Readonly<Record<string, string | undefined>>;
  readonly warnings: readonly string[];
};

/** A submit, however it ended. Fields are absent where it did not come so far. */
export type SubmitLine = Transitions & {
  readonly event: "submit";
  readonly senderId?: string;
  readonly keyId?: string;
  readonly messageId?: string;
  readonly targetHost?: string;
  /** Of the trace that the message is in, if it is in one. */
  readonly traceId?: string | undefined;
  readonly bodyBytes?: number;
  readonly status?: string;
  readonly duplicate?: boolean;
  readonly problem?: string;
  readonly durationMs: number;
};

/** A cancel, a send-now, a replay or an erasure that a person or a job asked for, however it ended. */
export type SteerLine = Transitions & {
  readonly event: "steer";
  readonly action: Action;
  readonly senderId?: string | undefined;
  readonly keyId?: string | undefined;
  /** Of a job that does it. */
  readonly jobId?: string | undefined;
  readonly messageId?: string | undefined;
  readonly status?: string | undefined;
  readonly problem?: string | undefined;
  readonly durationMs: number;
};

/** A run of the dispatcher worked at a job, or a person made or changed one (`verb`). */
export type JobLine = {
  readonly event: "job";
  readonly verb?: "plan" | "create" | JobVerb;
  readonly senderId?: string | undefined;
  readonly keyId?: string | undefined;
  readonly jobId?: string | undefined;
  readonly action?: Action | undefined;
  readonly status?: string | undefined;
  readonly problem?: string | undefined;
  readonly done?: number | undefined;
  readonly failed?: number | undefined;
  readonly durationMs: number;
};

/**
 * A change of a sender, its keys or its signing secrets, however it ended: an operator asked for it, or
 * the deployment of a stack.
 */
export type ManageLine = {
  readonly event: "manage";
  readonly change: SenderChange;
  /** The key of the operator. */
  readonly keyId?: string | undefined;
  readonly deployment?: string | undefined;
  readonly senderId?: string | undefined;
  /** The key or the secret that was made or revoked, by its id. */
  readonly madeKeyId?: string | undefined;
  readonly revokedKeyId?: string | undefined;
  readonly secretId?: string | undefined;
  readonly problem?: string | undefined;
  readonly durationMs: number;
};

/** Somebody signed in to the dashboard, with a key of a sender or of an operator. */
export type SignInLine = {
  readonly event: "sign-in";
  readonly holder: "sender" | "operator";
  readonly keyId: string;
  readonly senderId?: string | undefined;
  readonly address?: string | undefined;
};

/**
 * What came of the attempt of a claimed message. `overtaken`: another worker has the message by
 * now. `unsettled`: the outcome could not be stored, and counts as unknown.
 */
export type AttemptReport = {
  readonly class: string;
  readonly httpStatus?: number | undefined;
  readonly verdict: "complete" | "retry" | "fail" | "overtaken" | "unsettled";
  readonly reason?: string | undefined;
  /** When the next attempt may begin, in ISO 8601. */
  readonly nextAttemptAt?: string | undefined;
  readonly exchangeMs?: number | undefined;
  readonly timings?: Readonly<Timings> | undefined;
  readonly targetHost: string;
  /** Of the trace that the message is in, if it is in one. */
  readonly traceId?: string | undefined;
};

/** A record that a worker handled, with the attempt that it led to. Without a verdict it failed. */
export type AttemptLine = Transitions &
  MessageKey &
  Partial<Omit<AttemptReport, "verdict">> & {
    readonly event: "attempt";
    readonly attempt: number;
    readonly verdict?: AttemptReport["verdict"] | "record-dropped";
    readonly durationMs: number;
  };

/** An act of the dispatcher. */
export type DispatchLine = Transitions &
  MessageKey & {
    readonly event: "dispatch";
    readonly attempts: number;
    readonly act: string;
    /** Of its page: from the beginning of its reading until all of its acts were done. */
    readonly durationMs: number;
  };

/** An item that the dispatcher put in quarantine: by its ids, or by its key if that has none. */
export type QuarantineLine = Partial<MessageKey> & {
  readonly pk?: string | undefined;
  readonly sk?: string | undefined;
  readonly event: "quarantine";
  readonly reason: string;
  readonly evidence: string;
  /** When it is checked again, in epoch milliseconds. */
  readonly dueAt: number;
  readonly remedy: string;
};

/** A record that failed five times, whole: it has no content. */
export type DeadLetterLine = {
  readonly event: "dead-letter";
  readonly record: string;
  readonly receives?: number | undefined;
  readonly sentAt?: number | undefined;
  readonly sqsMessageId: string;
};

/**
 * The one line about a submit, an attempt or an act, with every field that one joins on: ids,
 * states, durations and classes. Never a body, a header, a key, or a URL beyond its host.
 */
export type Line =
  | StartLine
  | SubmitLine
  | SteerLine
  | JobLine
  | ManageLine
  | SignInLine
  | AttemptLine
  | DispatchLine
  | QuarantineLine
  | DeadLetterLine;

export type Log = {
  readonly line: (line: Line) => void;
  /** Logs an error of ours, with as much of it as may be shown. */
  readonly failure: (
    what: string,
    error: unknown,
    fields?: Readonly<Record<string, unknown>>,
  ) => void;
};

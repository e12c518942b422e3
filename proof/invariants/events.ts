import type { AttemptView } from "../../domain/attempt.ts";
import type { Message, MessageKey } from "../../domain/message.ts";

type At = {
  /** Epoch milliseconds, by a clock that all events of one log share. */
  readonly at: number;
};

/**
 * One thing that happened, as somebody outside the code under proof saw it: a sender, the table,
 * the queue, the target. A log is a list of these in the order in which they happened; each driver
 * writes down those that it can see.
 */
export type Event =
  | Asked
  | Told
  | Written
  | Recorded
  | Planned
  | Entered
  | Requested
  | Answered
  | Found
  | Faulted
  | Settled;

/** A sender handed a message over, or tried to. `content` digests what the target has to get. */
export type Asked = At & {
  readonly kind: "asked";
  readonly key: MessageKey;
  readonly content: string;
  readonly deliverAt?: number;
};

/** What a sender was told: 200 and 202 are a promise. */
export type Told = At & {
  readonly kind: "told";
  readonly key: MessageKey;
  readonly content: string;
  readonly status: number;
};

/** The table changed. No `before`: the item is new; no `after`: it is gone. */
export type Written = At & {
  readonly kind: "written";
  readonly key: MessageKey;
  /** Who: a name of one process's one piece of work, such as `worker-3`. */
  readonly by: string;
  readonly role: "ingestion" | "worker" | "dispatcher" | "sender" | "expiry";
  readonly before?: Message;
  readonly after?: Message;
  /** The job for which it was done. */
  readonly jobId?: string;
};

/** A person made a job that is for this message as it is. */
export type Planned = At & {
  readonly kind: "planned";
  readonly key: MessageKey;
  readonly jobId: string;
};

/** A job stored its entry of this message, which had been replayed so often. */
export type Entered = At & {
  readonly kind: "entered";
  readonly key: MessageKey;
  readonly jobId: string;
  readonly replays: number;
};

/** A record came on the queue, went for good after it was handled, or was lost by a fault. */
export type Recorded = At & {
  readonly kind: "record";
  readonly key: MessageKey;
  readonly what: "put" | "deleted" | "lost";
  readonly attempt: number;
};

/** The target got a request. `by`, where it is known, is the worker that sent it. */
export type Requested = At & {
  readonly kind: "requested";
  readonly key: MessageKey;
  readonly attempt: number;
  readonly content: string;
  readonly by?: string;
};

/** The target answered a request; whether anybody heard is another matter. */
export type Answered = At & {
  readonly kind: "answered";
  readonly key: MessageKey;
  readonly attempt: number;
  readonly status: number;
};

/** A message as it was read from the table, with what its history says of each attempt. */
export type Found = At & {
  readonly kind: "found";
  readonly key: MessageKey;
  readonly message: Message;
  readonly views?: readonly AttemptView[];
};

/** Something broke. `clock`: times of different processes cannot be compared any more. */
export type Faulted = At & {
  readonly kind: "fault";
  /** The one message that it can have struck, where that is known; else any. */
  readonly key?: MessageKey;
  readonly what: "crash" | "lost-answer" | "record" | "frozen" | "clock" | "other";
};

/** Faults have stopped and all work that there was is done: every promise must be kept by now. */
export type Settled = At & { readonly kind: "settled" };

import type {
  Accepted,
  Attempt,
  BatchResult,
  Failures,
  HistoryEvent,
  ListedMessage,
  Message,
  MessageCount,
  Outcomes,
  SteeredMessage,
  Why,
} from "./answers.ts";
import { type Call, type CallOptions, type CallSettings, caller } from "./call.ts";
import { jobCalls } from "./jobs.ts";
import { listed } from "./listed.ts";
import type { Outside } from "./outside.ts";
import { messagePath, queryOf } from "./paths.ts";
import type { ListFilter, Replay, Submission } from "./requests.ts";

/** What a client is made with. */
export type ClientSettings = CallSettings & {
  /** The sender that the key belongs to. */
  readonly senderId: string;
};

/** Returns a maker of clients over some network, time and chance. */
export const postriderOver = (outside: Outside) => (settings: ClientSettings) => {
  const call: Call = caller(outside, settings);
  const get = <Result>(path: string, options?: CallOptions) =>
    call<Result>({ method: "GET", path }, options);
  const post = <Result>(path: string, body: unknown, options?: CallOptions) =>
    call<Result>({ method: "POST", path, body }, options);
  const submission = (message: Submission) => ({
    ...message,
    senderId: message.senderId ?? settings.senderId,
    timestamp: message.timestamp ?? new Date(outside.now()),
  });

  return {
    /** Sends a message. A repeat of the same one is answered with `duplicate: true`. */
    send: (message: Submission, options?: CallOptions) =>
      post<Accepted>("/v1/messages", submission(message), options),
    /** Sends up to ten messages. Of each one the answer has what came of it, in their order. */
    sendBatch: async (messages: readonly Submission[], options?: CallOptions) => {
      const body = { messages: messages.map(submission) };
      return (await post<{ results: BatchResult[] }>("/v1/messages/batch", body, options)).results;
    },
    /** Returns a message. Throws NOT_FOUND if there is none of yours. */
    get: (messageId: string, options?: CallOptions) =>
      get<Message>(messagePath(messageId), options),
    /**
     * Returns the body of a message as it is delivered, or `undefined` if it has none. Of one that is
     * redacted: `REDACTED:` and its SHA-256. Throws INVALID_STATE if it was erased.
     */
    body: (messageId: string, options?: CallOptions) =>
      call<Uint8Array | undefined>(
        { method: "GET", path: messagePath(messageId, "body"), bytes: true },
        options,
      ),
    /** Yields your messages, the newest first. */
    list: (filter: ListFilter = {}, options?: CallOptions) =>
      listed<ListedMessage>(call, "/v1/messages", filter, options),
    /** Returns what came of each attempt. */
    attempts: async (messageId: string, options?: CallOptions) =>
      (await get<{ attempts: Attempt[] }>(messagePath(messageId, "attempts"), options)).attempts,
    /** Returns what happened to a message, in order. */
    history: async (messageId: string, options?: CallOptions) =>
      (await get<{ events: HistoryEvent[] }>(messagePath(messageId, "history"), options)).events,
    /** Explains where a message is, and what happens next. */
    why: (messageId: string, options?: CallOptions) =>
      get<Why>(messagePath(messageId, "why"), options),
    /** Cancels a message that has not ended. During an attempt it lets that one end. */
    cancel: (messageId: string, options?: CallOptions) =>
      post<SteeredMessage>(messagePath(messageId, "cancel"), undefined, options),
    /** Makes the next attempt of a waiting message at once. */
    sendNow: (messageId: string, options?: CallOptions) =>
      post<SteeredMessage>(messagePath(messageId, "send-now"), undefined, options),
    /** Gives a message that has ended a new round of attempts. */
    replay: (messageId: string, changes: Replay = {}, options?: CallOptions) =>
      post<SteeredMessage>(messagePath(messageId, "replay"), changes, options),
    /** Erases the content of a message that has ended. */
    erase: (messageId: string, options?: CallOptions) =>
      call<SteeredMessage>({ method: "DELETE", path: messagePath(messageId) }, options),
    /** Counts your messages that FAILED, or that are unfinished. */
    count: (
      status: "FAILED" | "unfinished",
      range: Pick<ListFilter, "from" | "to"> = {},
      options?: CallOptions,
    ) => get<MessageCount>(`/v1/counts${queryOf({ status, ...range })}`, options),
    /** Counts how attempts ended, over a day unless you say otherwise: about right, not exact. */
    outcomes: (range: Pick<ListFilter, "from" | "to"> = {}, options?: CallOptions) =>
      get<Outcomes>(`/v1/outcomes${queryOf(range)}`, options),
    /** Jobs: one action on every message that matches a filter. */
    jobs: jobCalls(call),
    /** Groups your latest failures. */
    failures: (by: "target" | "reason", options?: CallOptions) =>
      get<Failures>(`/v1/failures${queryOf({ by })}`, options),
  };
};

/** A client of one sender. */
export type Postrider = ReturnType<ReturnType<typeof postriderOver>>;

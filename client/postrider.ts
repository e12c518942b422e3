import type {
  Accepted,
  Attempt,
  Failures,
  HistoryEvent,
  ListedMessage,
  Message,
  MessagePage,
  SteeredMessage,
  Why,
} from "./answers.ts";
import { type Ask, type CallOptions, type CallSettings, caller } from "./call.ts";
import type { Outside } from "./outside.ts";
import { messagePath, queryOf } from "./paths.ts";
import type { ListFilter, Replay, Submission } from "./requests.ts";

/** What a client is made with. */
export type ClientSettings = CallSettings & {
  /** The sender that the key belongs to. */
  readonly senderId: string;
};

type Call = <Result>(ask: Ask, options?: CallOptions) => Promise<Result>;

/** Yields the messages of a list, page by page: it asks for a page when it is come to. */
async function* listed(
  call: Call,
  filter: ListFilter,
  options?: CallOptions,
): AsyncGenerator<ListedMessage, void, undefined> {
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const path = `/v1/messages${queryOf({ ...filter, cursor })}`;
    const page: MessagePage = await call({ method: "GET", path }, options);
    yield* page.items;
    // A page may be empty and have a cursor all the same.
    cursor = page.nextCursor;
  }
}

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
    /** Returns a message. Throws NOT_FOUND if there is none of yours. */
    get: (messageId: string, options?: CallOptions) =>
      get<Message>(messagePath(messageId), options),
    /** Yields your messages, the newest first. */
    list: (filter: ListFilter = {}, options?: CallOptions) => listed(call, filter, options),
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
    /** Groups your latest failures. */
    failures: (by: "target" | "reason", options?: CallOptions) =>
      get<Failures>(`/v1/failures${queryOf({ by })}`, options),
  };
};

/** A client of one sender. */
export type Postrider = ReturnType<ReturnType<typeof postriderOver>>;

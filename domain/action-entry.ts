import type { Action } from "./actions.ts";
import type { Message, MessageKey, Status } from "./message.ts";
import { type ReplayAsked, ttlOfReplay } from "./replay.ts";

/** Who did something to a message: the holder of a key, from an address if it is known, or a job. */
export type DoneBy =
  | { readonly keyId: string; readonly address?: string | undefined; readonly jobId?: undefined }
  | { readonly jobId: string; readonly keyId?: undefined; readonly address?: undefined };

/**
 * What a person or a job did to a message. It is stored before the action is done: an action never
 * lacks its entry, and an entry whose action was not done is `refused`, or its process died.
 */
export type ActionEntry = MessageKey & {
  /** Sorts by time. One entry of a message has it. */
  readonly entryId: string;
  /** The message's. Distinguishes its entries from those of an expired message of the same id. */
  readonly submitId: string;
  readonly action: Action;
  readonly at: number;
  readonly keyId?: string;
  readonly address?: string;
  readonly jobId?: string;
  /** The state that the action found, and how many replays there had been. */
  readonly found: Status;
  readonly replays: number;
  /** What a replay was to change. */
  readonly asked?: ReplayAsked;
  readonly refused?: boolean;
  readonly ttl: number;
};

/** Digits enough for every time that is stored. */
const timeDigits = 14;

/** Returns the id of an entry of a person: `token` is random. */
export const entryIdAt = (at: number, token: string): string =>
  `${String(at).padStart(timeDigits, "0")}-${token}`;

/** Returns the id of the one entry that a job makes of a message. */
export const entryIdOfJob = (jobId: string): string => `job-${jobId}`;

/**
 * Returns the entry of an action on a message as it was found. That of a replay is kept for as long
 * as the replayed message from the start: else it would have to be written twice.
 */
export const entryOf = (
  message: Message,
  {
    entryId,
    action,
    by: { keyId, address, jobId },
    at,
    asked,
  }: Pick<ActionEntry, "entryId" | "action" | "at"> &
    Partial<Pick<ActionEntry, "asked">> & { readonly by: DoneBy },
): ActionEntry => ({
  ...{ senderId: message.senderId, messageId: message.messageId, submitId: message.submitId },
  ...{ entryId, action, at },
  ttl: action === "replay" ? ttlOfReplay(message, asked ?? {}, at) : message.ttl,
  ...(keyId !== undefined && { keyId }),
  ...(address !== undefined && { address }),
  ...(jobId !== undefined && { jobId }),
  ...{ found: message.status, replays: message.replays },
  ...(asked && Object.keys(asked).length > 0 && { asked }),
});

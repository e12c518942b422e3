import { Service } from "electrodb";
import type { ActionEntry } from "../domain/action-entry.ts";
import type { Attempt } from "../domain/attempt.ts";
import type { Message, MessageKey } from "../domain/message.ts";
import { actionEntity } from "./described/action.ts";
import { attemptEntity } from "./described/attempt.ts";
import { messageEntity } from "./described/message.ts";
import { payloadEntity } from "./described/payload.ts";
import { goOptions, type Storage, stored } from "./storage.ts";

/** All items of one idempotency key. */
export type History = {
  readonly message?: Message;
  readonly attempts: readonly Attempt[];
  /** What persons and jobs did to it, in the order of their ids. */
  readonly actions: readonly ActionEntry[];
  /** Includes those of submits that failed; they wait for their `ttl`. */
  readonly payloads: readonly { readonly fingerprint: string; readonly ttl: number }[];
};

/** Reads the whole history of a message with one Query of its partition. */
export const historyReader = (storage: Storage) => {
  const everything = new Service({
    message: messageEntity(storage),
    attempt: attemptEntity(storage),
    action: actionEntity(storage),
    payload: payloadEntity(storage),
  });
  return async ({ senderId, messageId }: MessageKey): Promise<History> => {
    const { data } = await everything.collections
      .history(stored({ senderId, messageId }))
      .go({ ...goOptions, consistent: true, pages: "all" });
    return {
      message: data.message[0],
      attempts: data.attempt,
      actions: data.action,
      payloads: data.payload,
    };
  };
};

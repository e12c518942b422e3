import type { MessageKey } from "./message.ts";

/**
 * A record on the queue: a pointer to a message, and the number of the attempt it is for. `v` is
 * the version of this format; a worker leaves an unknown version on the queue.
 */
export type DeliveryRecord = MessageKey & { readonly v: 1; readonly attempt: number };

/** Returns the record of the next attempt of a message. */
export const nextRecord = ({
  senderId,
  messageId,
  attempts,
}: MessageKey & { readonly attempts: number }): DeliveryRecord => ({
  v: 1,
  senderId,
  messageId,
  attempt: attempts + 1,
});

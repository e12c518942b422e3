import type { MessageKey } from "./message.ts";

/**
 * What the queue carries: a pointer to a message and the number of the attempt that it is for.
 * `v` is the version of this form; a worker leaves a version that it does not know on the queue.
 */
export type DeliveryRecord = MessageKey & { readonly v: 1; readonly attempt: number };

/** The record of the next attempt of a message. */
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

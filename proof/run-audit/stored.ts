import type { Attempt } from "../../domain/attempt.ts";
import type { StoredHistory } from "../../domain/audit-rule.ts";
import { attemptViews } from "../../domain/history.ts";
import type { Message } from "../../domain/message.ts";
import type { Found } from "../invariants/events.ts";

/** A message as it was read, with whether what it needs to be sent is there. */
export type Stored = Found & {
  readonly attempts: readonly Attempt[];
  readonly hasPayload: boolean;
};

/** What is stored under one idempotency key, as one message. None if it is something else. */
export const storedOf = (history: StoredHistory, at: number): readonly Stored[] => {
  if (!history.message) return [];
  const { headers: _, body: __, ...fields } = history.message.fields;
  const message = fields as unknown as Message;
  const attempts = history.attempts
    .map((attempt) => attempt.fields as unknown as Attempt)
    .filter(({ submitId }) => submitId === message.submitId);
  const hasPayload = !message.payload || history.payloads.length > 0;
  const { senderId, messageId } = message;
  const views = attemptViews(message, attempts);
  const read = { kind: "found", at, key: { senderId, messageId }, message, views } as const;
  return [{ ...read, attempts, hasPayload }];
};

import type { AttemptView } from "../../domain/attempt.ts";
import { maskHeaders } from "../../domain/header-rules.ts";
import { stampOf } from "../../domain/lifecycle.ts";
import { defaultMethod, type Message } from "../../domain/message.ts";
import type { Accepted } from "./submit.ts";

/** What is stored may be no time of this calendar, if somebody has changed it: that is left out. */
const iso = (ms: number | undefined): string | undefined =>
  Math.abs(Number(ms)) <= 8.64e15 ? new Date(Number(ms)).toISOString() : undefined;

const summary = (message: Message) => ({
  messageId: message.messageId,
  senderId: message.senderId,
  status: message.status,
  attempts: message.attempts,
  timestamp: message.timestamp,
  targetUrl: message.targetUrl,
  createdAt: iso(message.createdAt),
  expiresAt: iso(message.ttl * 1000),
});

/** The answer to a submit. */
export const acceptedView = ({ message, duplicate }: Accepted) => ({
  ...summary(message),
  duplicate,
});

/** The answer to whoever asks for a message: all but its body, with secrets masked. */
export const messageView = (message: Message, headers: Message["headers"]) => ({
  ...summary(message),
  attemptsAllowed: message.attemptsAllowed,
  method: message.method ?? defaultMethod,
  headers: maskHeaders(headers ?? {}),
  notBefore: iso(message.notBefore),
  giveUpAt: iso(message.giveUpAt),
  updatedAt: iso(message.updatedAt),
  ...Object.fromEntries(Object.values(stampOf).map((field) => [field, iso(message[field])])),
  lastOutcome: message.lastOutcome && { ...message.lastOutcome, at: iso(message.lastOutcome.at) },
  failReason: message.failReason,
});

export const attemptsView = (attempts: readonly AttemptView[]) => ({
  attempts: attempts.map((attempt) => ({ ...attempt, startedAt: iso(attempt.startedAt) })),
});

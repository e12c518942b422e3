import type { ActionEntry } from "../../domain/action-entry.ts";
import type { AttemptView } from "../../domain/attempt.ts";
import type { FailureGroup } from "../../domain/failure-groups.ts";
import { stampOf } from "../../domain/lifecycle.ts";
import { defaultMethod, type Message } from "../../domain/message.ts";
import { documentOf } from "../../domain/problem.ts";
import { headersShown, redactedParts } from "../../domain/redact.ts";
import type { TimelineEvent } from "../../domain/timeline.ts";
import { traceOf, traceparentOf } from "../../domain/trace-context.ts";
import { type WhyFacts, whyOf } from "../../domain/why.ts";
import type { Accepted } from "./submit.ts";
import type { BatchResult } from "./submit-batch.ts";

/** Leaves out a stored time that a Date cannot hold: the item was changed by hand. */
export const iso = (ms: number | undefined): string | undefined =>
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

/** Its times are shown with the attempt. */
const outcomeView = ({ lastOutcome }: Message) =>
  lastOutcome && { ...lastOutcome, at: iso(lastOutcome.at), took: undefined };

/** Returns the answer to a submit. */
export const acceptedView = ({ message, duplicate }: Accepted) => ({
  ...summary(message),
  duplicate,
});

/** Returns the answer to a batch: of each message what it would get by itself. */
export const batchView = (results: readonly BatchResult[]) => ({
  results: results.map((result) =>
    "accepted" in result
      ? acceptedView(result.accepted)
      : { messageId: result.messageId, problem: documentOf(result.problem) },
  ),
});

/** Returns where a message is, and what may still happen to it. */
const progress = (message: Message) => ({
  attemptsAllowed: message.attemptsAllowed,
  replays: message.replays,
  notBefore: iso(message.notBefore),
  giveUpAt: iso(message.giveUpAt),
  cancelRequestedAt: iso(message.cancelRequestedAt),
  erasedAt: iso(message.erasedAt),
  updatedAt: iso(message.updatedAt),
});

/** What the attempts of a message continue, if it is in a trace. */
const traceparentIn = (message: Message): string | undefined => {
  const trace = traceOf(message);
  return trace && traceparentOf(trace);
};

/** Returns the answer to a cancel, a send-now, a replay or an erasure. */
export const steeredView = (message: Message) => ({ ...summary(message), ...progress(message) });

/**
 * Returns a message as its sender sees it: without its body, with secret headers masked and the
 * rest redacted where it was asked for. An erased one has no headers.
 */
export const messageView = (message: Message, headers: Message["headers"], facts: WhyFacts) => ({
  ...summary(message),
  why: whyOf(message, facts).why,
  ...progress(message),
  traceparent: traceparentIn(message),
  method: message.method ?? defaultMethod,
  redact: message.redact === undefined ? undefined : redactedParts(message),
  headers: message.erasedAt === undefined ? headersShown(message, headers ?? {}) : undefined,
  ...Object.fromEntries(Object.values(stampOf).map((field) => [field, iso(message[field])])),
  lastOutcome: outcomeView(message),
  failReason: message.failReason,
});

/** Returns the explanation of a message. */
export const whyView = (message: Message, facts: WhyFacts) => {
  const { why, next, nextAt, canDo } = whyOf(message, facts);
  return { why, next, nextAt: iso(nextAt), canDo };
};

/** Returns a page of a list: of each message what fits into a row, without headers and body. */
export const listView = (messages: readonly Message[], nextCursor: string | null) => ({
  items: messages.map((message) => ({
    ...summary(message),
    attemptsAllowed: message.attemptsAllowed,
    notBefore: iso(message.notBefore),
    updatedAt: iso(message.updatedAt),
    failedAt: iso(message.failedAt),
    lastOutcome: outcomeView(message),
    failReason: message.failReason,
  })),
  nextCursor,
});

/** Returns groups of failures, and whether there are no others. */
export const failuresView = (groups: readonly FailureGroup[], isComplete: boolean) => ({
  groups: groups.map((group) => ({
    ...group,
    since: iso(group.since),
    lastAt: iso(group.lastAt),
  })),
  isComplete,
});

const attemptView = (attempt: AttemptView) => ({ ...attempt, startedAt: iso(attempt.startedAt) });

/** Returns the attempts of a message as its sender sees them. */
export const attemptsView = (attempts: readonly AttemptView[]) => ({
  attempts: attempts.map(attemptView),
});

/** Returns what a person or a job did to a message: who, from where, and what it found. */
const entryView = ({ action, keyId, address, jobId, found, asked, refused }: ActionEntry) => ({
  action,
  by: jobId === undefined ? { keyId, address } : { jobId },
  found,
  ...(asked && { asked: { ...asked, deliverAt: iso(asked.deliverAt) } }),
  refused: refused === true,
});

const eventView = (event: TimelineEvent) => {
  const { kind } = event;
  const at = iso(event.at);
  switch (kind) {
    case "submitted":
      return { at, kind };
    case "state":
      return { at, kind, status: event.status };
    case "action":
      return { at, kind, ...entryView(event.entry) };
    case "attempt":
      return { at, kind, ...attemptView(event.attempt) };
  }
};

/** Returns the timeline of a message as its sender sees it. */
export const historyView = (events: readonly TimelineEvent[]) => ({
  events: events.map(eventView),
});

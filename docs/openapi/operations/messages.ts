import { attempts, history } from "../answers/attempts.ts";
import { accepted, batchResults, message, messagePage, why } from "../answers/messages.ts";
import type { Operations } from "../operation.ts";
import { idempotencyKey, ifNoneMatch, traceContext } from "../parameters.ts";
import { batch, listQuery, submission } from "../requests.ts";

const path = { messageId: "order-1" };
const at = "2026-03-01T12:00:00.000Z";
const asSubmitted = {
  ...{ messageId: "order-1", senderId: "shop", status: "QUEUED", attempts: 0 },
  ...{ timestamp: at, targetUrl: "https://api.example.com/orders" },
  ...{ createdAt: at, expiresAt: "2026-03-31T12:00:00.000Z" },
};
const etag = { ETag: "Weak: names the state of the message, and not the words of `why`." };
/** A message that is accepted. */
const example = {
  ...{ messageId: "order-1", senderId: "shop", timestamp: at },
  ...{ targetUrl: "https://api.example.com/orders", body: { order: 1 } },
};
const location = { Location: "The path of the message." };

/** Submitting messages and reading them. */
export const messageOperations = {
  "POST /v1/messages": {
    ...{ operationId: "submitMessage", tag: "Messages", scope: "messages:write" },
    summary: "Submit a message",
    description:
      "Stores the message, puts it on the queue and delivers it to its target, with retries, at least once. The same request again is answered 200 and delivers nothing twice, so repeat a submit that got no answer.",
    ...{ headers: idempotencyKey.extend(traceContext.shape), body: submission },
    answers: {
      202: { description: "The message is stored.", schema: accepted, headers: location },
      200: {
        description: "It was submitted before. The answer is the message as it is now.",
        ...{ schema: accepted, headers: location },
      },
    },
    problems: ["MESSAGE_CONFLICT"],
    example: {
      status: 202,
      body: example,
      answer: { ...asSubmitted, duplicate: false },
    },
  },
  "POST /v1/messages/batch": {
    ...{ operationId: "submitMessages", tag: "Messages", scope: "messages:write" },
    summary: "Submit several messages",
    description:
      "Submits up to ten messages, each by itself: the answer is 200 whatever came of them, and has for each what it would get alone. To repeat the whole request is safe.",
    ...{ headers: traceContext, body: batch },
    answers: {
      200: {
        description: "What came of each message.",
        schema: batchResults,
        headers: { "Retry-After": "Where one of them has the problem SYSTEM_ERROR." },
      },
    },
    example: {
      status: 200,
      body: { messages: [example, { ...example, messageId: "order-2", method: "GET" }] },
      answer: {
        results: [
          { ...asSubmitted, duplicate: false },
          {
            messageId: "order-2",
            problem: {
              ...{ type: "urn:postrider:problem:validation-error", status: 400 },
              ...{ title: "The request is not valid", code: "VALIDATION_ERROR" },
              detail: "The request has 1 fault.",
              issues: [{ path: ["method"], message: "is GET, which has no body" }],
            },
          },
        ],
      },
    },
  },
  "GET /v1/messages": {
    ...{ operationId: "listMessages", tag: "Messages", scope: "messages:read" },
    summary: "List messages",
    description:
      "Lists your messages page by page, the newest first. Go on until `nextCursor` is null: a page may have fewer items than `limit`, or none, and still a cursor.",
    query: listQuery,
    answers: { 200: { description: "A page of the list.", schema: messagePage } },
    example: {
      status: 200,
      query: { status: "QUEUED", limit: 10 },
      after: ["POST /v1/messages"],
      answer: {
        items: [{ ...asSubmitted, attemptsAllowed: 4, notBefore: at, updatedAt: at }],
        nextCursor: null,
      },
    },
  },
  "GET /v1/messages/{messageId}": {
    ...{ operationId: "getMessage", tag: "Messages", scope: "messages:read" },
    summary: "Read a message",
    description:
      "Says where a message is. Its body has an address of its own. A member that it does not have is left out.",
    headers: ifNoneMatch,
    answers: {
      200: { description: "The message.", schema: message, headers: etag },
      304: { description: "Nothing has changed but the words of `why`." },
    },
    example: {
      ...{ status: 200, path, after: ["POST /v1/messages"] },
      answer: {
        ...asSubmitted,
        why: "The message was submitted less than 1 s ago, and no attempt has been made yet.",
        ...{ attemptsAllowed: 4, replays: 0, notBefore: at },
        ...{ giveUpAt: "2026-03-04T12:00:00.000Z", updatedAt: at },
        ...{ method: "POST", headers: {}, pendingAt: at, queuedAt: at },
      },
    },
  },
  "GET /v1/messages/{messageId}/body": {
    ...{ operationId: "getBody", tag: "Messages", scope: "messages:read" },
    summary: "Read the body of a message",
    description:
      "Answers the body of a message, byte for byte as it is delivered. Where the message says in `redact` that its body is redacted, the answer is `REDACTED:` and its SHA-256.",
    answers: {
      200: {
        description: "The body, or what is shown in place of it.",
        contentType: "application/octet-stream",
        headers: { "Content-Disposition": "Always `attachment`." },
      },
      204: { description: "The message has no body." },
    },
    problems: ["INVALID_STATE"],
    example: { status: 200, path, after: ["POST /v1/messages"], answer: { order: 1 } },
  },
  "GET /v1/messages/{messageId}/attempts": {
    ...{ operationId: "listAttempts", tag: "Messages", scope: "messages:read" },
    summary: "Read the attempts of a message",
    description: "Says what came of each attempt to deliver a message.",
    answers: { 200: { description: "Its attempts.", schema: attempts } },
    example: { status: 200, path, after: ["POST /v1/messages"], answer: { attempts: [] } },
  },
  "GET /v1/messages/{messageId}/why": {
    ...{ operationId: "explainMessage", tag: "Messages", scope: "messages:read" },
    summary: "Explain where a message is",
    description: "Says in sentences why a message is where it is, and what happens next.",
    answers: { 200: { description: "The explanation.", schema: why } },
    example: {
      ...{ status: 200, path, after: ["POST /v1/messages"] },
      answer: {
        why: "The message was submitted less than 1 s ago, and no attempt has been made yet.",
        next: "Next is attempt 1 of 4, now: its record is on the queue, and the next free worker takes it.",
        ...{ nextAt: at, canDo: ["cancel"] },
      },
    },
  },
  "GET /v1/messages/{messageId}/history": {
    ...{ operationId: "getHistory", tag: "Messages", scope: "messages:read" },
    summary: "Read the history of a message",
    description:
      "Says what happened to a message, in order: its submit, its attempts, who did what, and its states.",
    answers: { 200: { description: "The timeline.", schema: history } },
    example: {
      ...{ status: 200, path, after: ["POST /v1/messages"] },
      answer: {
        events: [
          { at, kind: "submitted" },
          { at, kind: "state", status: "QUEUED" },
        ],
      },
    },
  },
} as const satisfies Operations;

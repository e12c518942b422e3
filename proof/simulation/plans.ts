import { isSecretHeader } from "../../domain/header-rules.ts";
import { type Content, digestOf } from "./content.ts";
import type { Wishes } from "./rules.ts";
import type { Swarm } from "./swarm.ts";
import type { Tape } from "./tape.ts";

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** When an id may be used again: what was submitted under it first has expired by then. */
export const secondLifeAfterMs = 6 * dayMs;

/** Words that must never be logged: each stands in something that is nobody else's business. */
export const canaries = {
  body: "canary-body-",
  secretHeader: "canary-bearer-",
  query: "canary-query-",
} as const;

/** One submit as it is sent, and the digest of what the target is to get of it. */
export type Submit = { readonly json: string; readonly content: string };

/** What a target says to one request; 0: nothing at all. `retryAfterMs`: as a date, so far ahead. */
export type TargetAnswer = {
  readonly status: number;
  readonly retryAfter?: string;
  readonly retryAfterMs?: number;
};

/** What a sender means to do with one message, and how the target takes it. */
export type Plan = Wishes & {
  readonly messageId: string;
  /** Who submits what, when; each repeats until it hears that it was accepted. */
  readonly submits: readonly { readonly afterMs: number; readonly submit: Submit }[];
  /** Another message under the same id, long after the first. */
  readonly second?: { readonly submit: Submit; readonly deliverAt: number };
  readonly cancelAfterMs?: number;
  readonly replaysAfterMs: readonly number[];
  /** Answers to the requests in their order, and round again. */
  readonly answers: readonly TargetAnswer[];
};

type Body = { readonly member: object; readonly bytes: Uint8Array; readonly type?: string };

/** Bodies of every kind; the last one does not fit into the item. */
const bodies = (variant: string): readonly Body[] => {
  const word = `${canaries.body}${variant}`;
  const text = (given: string): Body => ({
    member: { body: given },
    bytes: Buffer.from(given),
    type: "text/plain; charset=utf-8",
  });
  const json = { order: variant, word, numbers: [1, 2.5] };
  const bytes = Buffer.from([0, 255, ...Buffer.from(word)]);
  return [
    { member: { body: json }, bytes: Buffer.from(JSON.stringify(json)), type: "application/json" },
    text(word),
    { member: { bodyBase64: bytes.toString("base64") }, bytes, type: "application/octet-stream" },
    { member: {}, bytes: Buffer.alloc(0) },
    text(`${word}${"-long".repeat(300)}`),
  ];
};

const headersOf = (variant: string): readonly Readonly<Record<string, string>>[] => [
  {},
  { "x-shop": variant },
  { authorization: `Bearer ${canaries.secretHeader}${variant}` },
];

const submitOf = (
  senderId: string,
  given: { readonly messageId: string; readonly members: object },
  variant: string,
  kinds: { readonly body: number; readonly headers: number },
): Submit => {
  const body: Body = bodies(variant)[kinds.body] ?? { member: {}, bytes: Buffer.alloc(0) };
  const headers = headersOf(variant)[kinds.headers] ?? {};
  const url = `https://hooks.example.com/orders?k=${canaries.query}1`;
  const content: Content = {
    url,
    method: "POST",
    headers: body.type === undefined ? headers : { "content-type": body.type, ...headers },
    body: body.bytes,
  };
  const json = JSON.stringify({
    messageId: given.messageId,
    senderId,
    timestamp: "2026-03-01T12:00:00.000Z",
    targetUrl: url,
    ...(Object.keys(headers).length > 0 && { headers }),
    ...body.member,
    ...given.members,
  });
  return { json, content: digestOf(content) };
};

const answersOf = (tape: Tape, { refusals }: Swarm): Plan["answers"] =>
  Array.from({ length: 4 }, () =>
    tape.happens(refusals)
      ? tape.pick([
          { status: 500 },
          { status: 0 },
          { status: 503, retryAfter: "60" },
          { status: 302 },
          { status: 410 },
          { status: 429, retryAfterMs: 3 * minuteMs },
          { status: 500, retryAfter: "7200" },
          { status: 503, retryAfter: "999999999" },
          { status: 503, retryAfter: "1" },
          { status: 404, retryAfter: "soon" },
        ])
      : { status: tape.pick([200, 204]) },
  );

/** Draws what becomes of one message from the side of its sender. */
export const planOf = (
  tape: Tape,
  swarm: Swarm,
  { senderId, index, start }: { senderId: string; index: number; start: number },
): Plan => {
  const messageId = `order-${index + 1}`;
  const aheadMs = tape.pick([undefined, undefined, 3 * secondMs, 10 * minuteMs, 40 * minuteMs]);
  const deliverAt = aheadMs === undefined ? undefined : start + aheadMs;
  const maxAttempts = tape.pick([undefined, 2, 1, 4]);
  const scheduleMs = tape.pick([undefined, undefined, undefined, [secondMs, 5 * minuteMs]]);
  const patienceMs = tape.pick([undefined, undefined, 90 * secondMs, 20 * minuteMs, 5 * hourMs]);
  const giveUpAt = patienceMs === undefined ? undefined : (deliverAt ?? start) + patienceMs;
  const retry = {
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(scheduleMs && { schedule: scheduleMs.map((ms) => `${ms / secondMs}s`) }),
  };
  const members = {
    ...(deliverAt !== undefined && { deliverAt: new Date(deliverAt).toISOString() }),
    ...(giveUpAt !== undefined && { giveUpAt: new Date(giveUpAt).toISOString() }),
    ...(Object.keys(retry).length > 0 && { retry }),
  };
  const kinds = { body: tape.choose(5), headers: tape.choose(3) };
  const one = submitOf(senderId, { messageId, members }, "one", kinds);
  const other = submitOf(senderId, { messageId, members }, "two", kinds);
  const secondAt = start + secondLifeAfterMs + 40 * minuteMs;
  const second = {
    deliverAt: secondAt,
    submit: submitOf(
      senderId,
      { messageId, members: { deliverAt: new Date(secondAt).toISOString() } },
      "three",
      kinds,
    ),
  };
  const again = tape.pick([undefined, one, other]);
  const afterMs = tape.pick([0, 1, 3 * secondMs, 2 * minuteMs]);
  return {
    messageId,
    ...{ deliverAt, giveUpAt, scheduleMs, maxAttempts },
    submits: [{ afterMs: 0, submit: one }, ...(again ? [{ afterMs, submit: again }] : [])],
    cancelAfterMs: tape.pick([undefined, undefined, undefined, 0, 4 * secondMs, 3 * minuteMs]),
    replaysAfterMs: tape.pick([[], [], [], [5 * minuteMs], [minuteMs, minuteMs]]),
    answers: answersOf(tape, swarm),
    second: tape.pick([undefined, undefined, undefined, second]),
  };
};

if (!isSecretHeader("authorization")) throw new Error("The canary is in no secret header");

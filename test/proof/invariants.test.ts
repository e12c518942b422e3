/** For each check a log that breaks it, and a neighbour, different in one thing, that does not. */
import { describe, expect, test } from "@jest/globals";
import type { Message } from "../../domain/message.ts";
import type { Event, Faulted, Recorded, Written } from "../../proof/invariants/events.ts";
import { findingsOf } from "../../proof/invariants/judge.ts";
import { type Invariant, invariants } from "../../proof/invariants/promises.ts";
import {
  aMessage,
  anOutcome,
  clockMarginMs,
  hourMs,
  leaseMs,
  minuteMs,
  t0,
} from "../support/messages.ts";

const bounds = {
  clockMarginMs,
  resendAfterMs: 15 * minuteMs,
  lookAfterLeaseMs: clockMarginMs + 1,
};
const key = { senderId: "shop", messageId: "order-7" };
const content = "content-1";

const asked = (other: Partial<Extract<Event, { kind: "asked" }>> = {}): Event => ({
  kind: "asked",
  key,
  at: t0,
  content,
  ...other,
});
const told = (status: number, of = content): Event => ({
  kind: "told",
  key,
  at: t0,
  content: of,
  status,
});
const requested = (
  attempt: number,
  by: string | undefined = undefined,
  other: { at?: number; content?: string } = {},
): Event => ({ kind: "requested", key, at: t0, attempt, content, by, ...other });
const answered = (attempt: number, status: number): Event => ({
  kind: "answered",
  key,
  at: t0,
  attempt,
  status,
});
const record = (what: Recorded["what"], attempt: number): Event => ({
  kind: "record",
  key,
  at: t0,
  what,
  attempt,
});
const fault = (what: Faulted["what"]): Event => ({ kind: "fault", at: t0, what });
const settled: Event = { kind: "settled", at: t0 };
const found = (
  message: Message,
  views: Extract<Event, { kind: "found" }>["views"] = [],
): Event => ({ kind: "found", key, at: t0, message, views });
const wrote = (
  by: string,
  before: Message | undefined,
  after: Message | undefined,
  at = t0,
): Written => ({
  kind: "written",
  key,
  at,
  by,
  role: by.replace(/-.*/, "") as Written["role"],
  before,
  after,
});

const ended = {
  notBefore: undefined,
  dueAt: undefined,
  dueShard: undefined,
  leaseUntil: undefined,
};
const pending = aMessage({ attemptsAllowed: 2 });
const queued: Message = { ...pending, status: "QUEUED" };
const held = (attempts = 1): Message => ({
  ...pending,
  status: "PROCESSING",
  attempts,
  owner: "one",
  leaseUntil: t0 + leaseMs,
});
const lost: Message = { ...held(), leaseUntil: t0 - 1 };
const waiting: Message = { ...pending, attempts: 1, lastOutcome: anOutcome() };
const completed: Message = { ...pending, ...ended, status: "COMPLETED", attempts: 1 };
const failed: Message = {
  ...pending,
  ...ended,
  status: "FAILED",
  attempts: 2,
  failedShard: "shop#0",
  failReason: "attempts-exhausted",
};
const cancelled: Message = { ...pending, ...ended, status: "CANCELLED" };
const replayed: Message = { ...pending, attempts: 1, attemptsAllowed: 3, replays: 1 };

const stored = wrote("ingestion-1", undefined, pending);
const claim = wrote("worker-1", pending, held());
const delivered = [asked(), stored, claim, requested(1), answered(1, 200)];

/** The next message under the same id, once the first has expired. */
const successor: Message = { ...pending, submitId: "submit-2" };
const expiredAt = completed.ttl * 1000;
const second = wrote("worker-2", waiting, held(2));
const toBeSentAgain = { dueAt: t0 + 6 * hourMs };

const again: Message = { ...pending, attempts: 2, attemptsAllowed: 4, replays: 1 };
const erasure = { erasedAt: t0, payload: true };
const jobId = "job-1";
const planned: readonly Event[] = [
  asked(),
  wrote("dispatcher-1", { ...held(2), leaseUntil: t0 - 1 }, failed),
  { kind: "planned", key, at: t0, jobId },
];
const entered = (replays: number): Event => ({ kind: "entered", key, at: t0, jobId, replays });
const byJob = (before: Message, after: Message): Event => ({
  ...wrote("dispatcher-1", before, after),
  jobId,
});

type Case = readonly [Invariant, string, readonly Event[], readonly Event[]];
const cases: readonly Case[] = [
  [
    "ends",
    "an acknowledged message that is not there",
    [asked(), told(202), settled],
    [asked(), told(503), settled],
  ],
  [
    "ends",
    "a message that waits when all is done",
    [stored, settled],
    [wrote("sender-1", pending, cancelled), settled],
  ],
  [
    "one-holder",
    "a second request of an attempt",
    [asked(), requested(1), requested(1)],
    [asked(), requested(1)].slice(0, 1),
  ],
  [
    "one-holder",
    "a request by another than the holder",
    [asked(), claim, requested(1, "worker-2")],
    [asked(), claim, requested(1)],
  ],
  [
    "one-holder",
    "a second claim of an attempt",
    [claim, wrote("worker-2", pending, held())],
    [claim, wrote("worker-2", waiting, held(2))],
  ],
  [
    "one-holder",
    "a settling by another than the holder",
    [claim, wrote("worker-2", held(), waiting)],
    [claim, wrote("worker-1", held(), waiting)],
  ],
  [
    "one-holder",
    "a release of a live lease",
    [wrote("dispatcher", held(), waiting)],
    [wrote("dispatcher", lost, waiting)],
  ],
  [
    "one-holder",
    "a release of a live lease, by clocks that agree",
    [fault("crash"), wrote("dispatcher", held(), waiting)],
    [fault("clock"), wrote("dispatcher", held(), waiting)],
  ],
  [
    "lifecycle",
    "a step that the lifecycle does not have",
    [wrote("dispatcher", queued, { ...failed, attempts: 0, failReason: "gone" })],
    [wrote("sender-1", queued, cancelled)],
  ],
  [
    "lifecycle",
    "a step by somebody who may not make it",
    [wrote("ingestion-1", queued, cancelled)],
    [wrote("sender-1", queued, cancelled)],
  ],
  [
    "lifecycle",
    "a replay counted without one",
    [wrote("sender-1", queued, { ...cancelled, replays: 1 })],
    [wrote("sender-1", completed, replayed)],
  ],
  [
    "lifecycle",
    "another ttl without a replay",
    [wrote("sender-1", queued, { ...cancelled, ttl: queued.ttl + 1 })],
    [wrote("sender-1", completed, { ...replayed, ttl: queued.ttl + 1 })],
  ],
  [
    "unchanged",
    "another target",
    [wrote("sender-1", queued, { ...cancelled, targetUrl: "https://example.com/" })],
    [wrote("sender-1", queued, cancelled)],
  ],
  [
    "unchanged",
    "another schedule",
    [wrote("sender-1", { ...queued, scheduleMs: [1] }, { ...cancelled, scheduleMs: [2] })],
    [wrote("sender-1", { ...queued, scheduleMs: [1] }, { ...cancelled, scheduleMs: [1] })],
  ],
  [
    "unchanged",
    "a request with another content",
    [asked(), requested(1, undefined, { content: "content-2" })],
    [asked(), asked({ content: "content-2" }), requested(1, undefined, { content: "content-2" })],
  ],
  [
    "counted",
    "a claim that counts two",
    [wrote("worker-1", pending, held(2))],
    [wrote("worker-1", waiting, held(2))],
  ],
  [
    "counted",
    "an attempt that nobody claimed",
    [wrote("sender-1", queued, { ...cancelled, attempts: 1 })],
    [wrote("sender-1", queued, cancelled)],
  ],
  [
    "counted",
    "more attempts than are allowed",
    [wrote("worker-1", { ...waiting, attempts: 2 }, held(3))],
    [wrote("worker-1", waiting, held(2))],
  ],
  [
    "counted",
    "exhausted with attempts left",
    [wrote("worker-1", held(), { ...failed, attempts: 1 })],
    [wrote("worker-1", held(2), failed)],
  ],
  [
    "earned",
    "completed after a refusal",
    [asked(), stored, claim, requested(1), answered(1, 503), wrote("worker-1", held(), completed)],
    [...delivered, wrote("worker-1", held(), completed)],
  ],
  [
    "earned",
    "found COMPLETED after refusals",
    [asked(), requested(1), answered(1, 503), found(completed)],
    [asked(), requested(1), answered(1, 204), found(completed)],
  ],
  [
    "earned",
    "COMPLETED and never requested",
    [found(completed), settled],
    [asked(), requested(1), found(completed), settled],
  ],
  [
    "lifecycle",
    "a cancel asked of an ended message, which may only be erased",
    [wrote("sender", completed, { ...completed, cancelRequestedAt: t0 })],
    [wrote("sender", completed, { ...completed, erasedAt: t0, payload: true })],
  ],
  [
    "erased",
    "an erasure that leaves the body",
    [wrote("sender", completed, { ...completed, erasedAt: t0, body: new Uint8Array(1) })],
    [wrote("sender", completed, { ...completed, erasedAt: t0, payload: true })],
  ],
  [
    "erased",
    "a request of what was erased",
    [asked(), wrote("sender", completed, { ...completed, ...erasure }), requested(2)],
    [asked(), wrote("sender", completed, completed), requested(2)],
  ],
  [
    "erased",
    "a request of what was erased, by a holder that nothing has befallen",
    [asked(), wrote("sender", completed, { ...completed, ...erasure }), requested(2)],
    [
      ...[asked(), fault("frozen")],
      ...[wrote("sender", completed, { ...completed, ...erasure }), requested(2)],
    ],
  ],
  [
    "erased",
    "a request of what was erased, after a crash that froze nobody",
    [
      ...[asked(), fault("crash")],
      ...[wrote("sender", completed, { ...completed, ...erasure }), requested(2)],
    ],
    [
      ...[asked(), fault("frozen"), fault("crash")],
      ...[wrote("sender", completed, { ...completed, ...erasure }), requested(2)],
    ],
  ],
  [
    "looked-after",
    "waiting without a record, and put off for long",
    [wrote("dispatcher", pending, { ...pending, dueAt: t0 + hourMs })],
    [record("put", 1), wrote("dispatcher", pending, { ...pending, dueAt: t0 + hourMs })],
  ],
  [
    "once",
    "a job that replays without an entry",
    [...planned, byJob(failed, again)],
    [...planned, entered(0), byJob(failed, again)],
  ],
  [
    "once",
    "a job that cancels with the entry of another round",
    [...planned, entered(0), byJob(again, { ...again, ...ended, status: "CANCELLED" })],
    [...planned, entered(1), byJob(again, { ...again, ...ended, status: "CANCELLED" })],
  ],
  [
    "once",
    "a job that replays twice",
    [...planned, entered(0), byJob(failed, again), byJob(failed, again)],
    [...planned, entered(0), byJob(failed, again), wrote("sender-1", failed, again)],
  ],
  [
    "once",
    "a job that replays a round that it did not plan",
    [...planned, entered(1), byJob({ ...failed, replays: 1 }, { ...again, replays: 2 })],
    [
      ...[...planned, entered(1), fault("clock")],
      byJob({ ...failed, replays: 1 }, { ...again, replays: 2 }),
    ],
  ],
  [
    "one-message",
    "a message that is overwritten",
    [wrote("ingestion-2", queued, { ...pending, submitId: "submit-2" })],
    [wrote("ingestion-2", queued, { ...pending, submitId: "submit-2" }, queued.ttl * 1000)],
  ],
  [
    "one-message",
    "two contents acknowledged",
    [told(202), told(202, "content-2")],
    [told(202), told(409, "content-2")],
  ],
  [
    "one-message",
    "a request with what was refused",
    [
      asked(),
      asked({ content: "content-2" }),
      told(202),
      requested(1, undefined, { content: "content-2" }),
    ],
    [asked(), asked({ content: "content-2" }), told(202), requested(1)],
  ],
  [
    "indexed",
    "waiting, and not in the due index",
    [found({ ...pending, dueAt: undefined, dueShard: undefined })],
    [found(pending)],
  ],
  [
    "indexed",
    "half of the keys of the due index",
    [found({ ...completed, dueAt: t0 })],
    [found(completed)],
  ],
  [
    "indexed",
    "FAILED, and not in the failed index",
    [found({ ...failed, failedShard: undefined })],
    [found(failed)],
  ],
  [
    "indexed",
    "in the failed index, and not FAILED",
    [found({ ...completed, failedShard: "shop#0" })],
    [found(completed)],
  ],
  [
    "indexed",
    "written as not due",
    [wrote("worker-1", held(), { ...waiting, dueAt: undefined, dueShard: undefined })],
    [wrote("worker-1", held(), waiting)],
  ],
  [
    "indexed",
    "first written as not due",
    [wrote("ingestion-1", undefined, { ...pending, dueAt: undefined, dueShard: undefined })],
    [stored],
  ],
  [
    "not-early",
    "a claim before its time",
    [wrote("worker-1", { ...pending, notBefore: t0 + clockMarginMs + 1 }, held())],
    [wrote("worker-1", { ...pending, notBefore: t0 + clockMarginMs }, held())],
  ],
  [
    "not-early",
    "a claim before its time, by clocks that agree",
    [fault("record"), wrote("worker-1", { ...pending, notBefore: t0 + hourMs }, held())],
    [fault("clock"), wrote("worker-1", { ...pending, notBefore: t0 + hourMs }, held())],
  ],
  [
    "not-early",
    "a request before `deliverAt`",
    [asked({ deliverAt: t0 + clockMarginMs + 1 }), requested(1)],
    [asked({ deliverAt: t0 + clockMarginMs }), requested(1)],
  ],
  [
    "accountable",
    "a request that nobody claimed",
    [asked(), requested(2), found(waiting)],
    [asked(), requested(1), found(waiting)],
  ],
  [
    "accountable",
    "shown as delivered, and it was not",
    [
      asked(),
      requested(1),
      answered(1, 503),
      found(waiting, [{ number: 1, outcome: "delivered" }]),
    ],
    [asked(), requested(1), answered(1, 503), found(waiting, [{ number: 1, outcome: "failed" }])],
  ],
  [
    "accountable",
    "in progress for ever",
    [
      asked(),
      requested(1),
      answered(1, 200),
      found(completed, [{ number: 1, outcome: "in-progress" }]),
    ],
    [found(held(), [{ number: 1, outcome: "in-progress" }])],
  ],
  [
    "accountable",
    "settled with another attempt's outcome",
    [
      wrote(
        "dispatcher",
        { ...lost, attempts: 2, attemptsAllowed: 3 },
        { ...waiting, attempts: 2, attemptsAllowed: 3 },
      ),
    ],
    [wrote("dispatcher", lost, waiting)],
  ],
  ["separate", "a request for what nobody handed over", [requested(1)], [asked(), requested(1)]],
  [
    "kept",
    "alive after its ttl",
    [found({ ...pending, ttl: pending.giveUpAt / 1000 })],
    [found({ ...pending, ttl: pending.giveUpAt / 1000 + 1 })],
  ],
  [
    "kept",
    "alive, and gone",
    [wrote("expiry", queued, undefined)],
    [wrote("expiry", completed, undefined)],
  ],
  [
    "looked-after",
    "a retry that is looked at too late",
    [
      wrote("worker-1", held(), {
        ...waiting,
        notBefore: t0 + hourMs,
        dueAt: t0 + hourMs + 15 * minuteMs + 1,
      }),
    ],
    [
      wrote("worker-1", held(), {
        ...waiting,
        notBefore: t0 + hourMs,
        dueAt: t0 + hourMs + 15 * minuteMs,
      }),
    ],
  ],
  [
    "looked-after",
    "waiting, and put off for long",
    [wrote("dispatcher", pending, { ...pending, dueAt: t0 + hourMs })],
    [wrote("dispatcher", pending, { ...pending, dueAt: t0 + 15 * minuteMs })],
  ],
  [
    "attended",
    "held, and put off beyond its lease",
    [wrote("dispatcher", held(), { ...held(), dueAt: t0 + leaseMs + clockMarginMs + 2 })],
    [wrote("dispatcher", held(), { ...held(), dueAt: t0 + leaseMs + clockMarginMs + 1 })],
  ],
  [
    "attended",
    "claimed, and looked at long after its lease",
    [wrote("worker-1", { ...pending, ...toBeSentAgain }, { ...held(), ...toBeSentAgain })],
    [wrote("worker-1", { ...pending, ...toBeSentAgain }, held())],
  ],
  [
    "recorded",
    "marked, and not sent",
    [stored, wrote("ingestion-1", pending, queued)],
    [stored, record("put", 1), wrote("ingestion-1", pending, queued)],
  ],
  [
    "recorded",
    "marked for a record of another attempt",
    [stored, record("put", 2), wrote("ingestion-1", pending, queued)],
    [stored, record("put", 1), wrote("ingestion-1", pending, queued)],
  ],
  [
    "recorded",
    "marked, and its record was used up",
    [stored, record("put", 1), record("deleted", 1), wrote("ingestion-1", pending, queued)],
    [stored, record("put", 1), record("lost", 1), wrote("ingestion-1", pending, queued)],
  ],
  [
    "recorded",
    "deleted while it is counted on",
    [stored, record("put", 1), wrote("ingestion-1", pending, queued), record("deleted", 1)],
    [
      stored,
      record("put", 1),
      record("put", 1),
      wrote("ingestion-1", pending, queued),
      record("deleted", 1),
    ],
  ],
  [
    "recorded",
    "deleted while it is counted on, with clocks that agree",
    [
      stored,
      record("put", 1),
      wrote("ingestion-1", pending, queued),
      fault("crash"),
      record("deleted", 1),
    ],
    [
      stored,
      record("put", 1),
      wrote("ingestion-1", pending, queued),
      fault("clock"),
      record("deleted", 1),
    ],
  ],
  [
    "recorded",
    "marked and not sent, with clocks that agree",
    [stored, fault("crash"), wrote("ingestion-1", pending, queued)],
    [stored, fault("clock"), wrote("ingestion-1", pending, queued)],
  ],
  [
    "cancelled",
    "claimed after a cancel was asked for",
    [
      wrote(
        "worker-1",
        { ...waiting, cancelRequestedAt: t0 },
        { ...held(2), cancelRequestedAt: t0 },
      ),
    ],
    [wrote("worker-1", waiting, held(2))],
  ],
  [
    "cancelled",
    "abandoned, and nobody asked",
    [wrote("worker-1", held(), { ...cancelled, attempts: 1 })],
    [
      wrote(
        "worker-1",
        { ...held(), cancelRequestedAt: t0 },
        { ...cancelled, attempts: 1, cancelRequestedAt: t0 },
      ),
    ],
  ],
  [
    "doubled",
    "a request after one was accepted",
    [...delivered, requested(2, undefined)],
    [...delivered, fault("crash"), requested(2, undefined)],
  ],
  [
    "doubled",
    "a request after one was accepted, and no replay",
    [...delivered, requested(2, undefined)],
    [...delivered, wrote("sender-1", completed, replayed), requested(2, undefined)],
  ],
  [
    "doubled",
    "accepted after a claim that nothing disturbed",
    [
      asked(),
      stored,
      fault("crash"),
      claim,
      requested(1),
      answered(1, 200),
      requested(2, undefined),
    ],
    [
      asked(),
      stored,
      claim,
      fault("frozen"),
      requested(1),
      answered(1, 200),
      requested(2, undefined),
    ],
  ],
  [
    "doubled",
    "accepted last, and not by one that was overtaken",
    [...delivered, requested(2, undefined)],
    [
      asked(),
      stored,
      claim,
      wrote("worker-2", waiting, held(2)),
      requested(1),
      answered(1, 200),
      requested(2, "worker-2"),
    ],
  ],
  [
    "earned",
    "completed and never answered",
    [asked(), stored, claim, requested(1), wrote("worker-1", held(), completed)],
    [...delivered, wrote("worker-1", held(), completed)],
  ],
  [
    "lifecycle",
    "another ttl with a claim",
    [wrote("worker-1", pending, { ...held(), ttl: pending.ttl + 1 })],
    [wrote("worker-1", pending, held())],
  ],
  [
    "looked-after",
    "waiting, and put off by one who sent nothing",
    [wrote("dispatcher", pending, { ...pending, ...toBeSentAgain })],
    [wrote("ingestion-1", { ...queued, ...toBeSentAgain }, { ...pending, ...toBeSentAgain })],
  ],
  [
    "doubled",
    "a request after one was accepted, and not of an older attempt",
    [...delivered, requested(2)],
    [asked(), stored, claim, second, requested(2), answered(2, 200), requested(1)],
  ],
  [
    "recorded",
    "deleted while this attempt is waited for",
    [stored, record("put", 1), wrote("ingestion-1", pending, queued), record("deleted", 1)],
    [
      stored,
      record("put", 1),
      record("put", 2),
      wrote("ingestion-1", pending, queued),
      record("deleted", 2),
    ],
  ],
  [
    "recorded",
    "deleted while the message is QUEUED",
    [stored, record("put", 1), wrote("ingestion-1", pending, queued), record("deleted", 1)],
    [stored, record("put", 1), record("deleted", 1)],
  ],
  [
    "one-holder",
    "a second claim, and not of the id's next message",
    [stored, claim, wrote("worker-2", pending, held())],
    [
      stored,
      claim,
      wrote("ingestion-2", completed, successor, expiredAt),
      wrote("worker-2", successor, { ...held(), submitId: "submit-2" }, expiredAt),
    ],
  ],
];

const brokenBy = (log: readonly Event[]): readonly Invariant[] =>
  findingsOf(log, bounds).map(({ invariant }) => invariant);

describe("A promise is broken by", () => {
  test.each(cases)("%s: %s", (invariant, _, broken) => {
    expect(brokenBy(broken)).toContain(invariant);
  });
});

describe("A promise is not broken by the neighbour of", () => {
  test.each(cases)("%s: %s", (_, __, ___, kept) => {
    expect(brokenBy(kept)).toEqual([]);
  });
});

test("Every promise is judged", () => {
  const judged = new Set(cases.map(([invariant]) => invariant));

  expect([...judged].sort()).toEqual(Object.keys(invariants).sort());
});

test("One message's events say nothing of another's", () => {
  const other = { senderId: "shop", messageId: "order-8" };

  expect(brokenBy([asked(), { ...requested(1), key: other } as Event])).toEqual(["separate"]);
});

test("A fault before a message is heard of counts for it, too", () => {
  const early = wrote("worker-1", { ...pending, notBefore: t0 + hourMs }, held());

  expect(brokenBy([fault("clock"), early])).toEqual([]);
  expect(brokenBy([early])).toEqual(["not-early"]);
});

test("A message that expired was kept as long as was promised", () => {
  const log = [asked(), told(202), wrote("expiry", completed, undefined), settled];

  expect(brokenBy(log)).toEqual([]);
});

test("A fault of one message explains nothing of another", () => {
  const again = requested(2);
  const elsewhere = { ...fault("crash"), key: { senderId: "shop", messageId: "order-8" } } as Event;

  expect(brokenBy([...delivered, elsewhere, again])).toEqual(["doubled"]);
  expect(brokenBy([...delivered, { ...fault("crash"), key } as Event, again])).toEqual([]);
});

import { expect, test } from "@jest/globals";
import type { Attempt } from "../../domain/attempt.ts";
import { attemptViews } from "../../domain/history.ts";
import { aMessage, anOutcome, t0 } from "../support/messages.ts";

const failed = (number: number): Attempt => ({
  ...{ senderId: "shop", messageId: "order-7", submitId: "submit-1", ttl: 1 },
  ...{ number, startedAt: t0, durationMs: 12, class: "status", status: 503 },
  ...{ timings: { firstByteMs: 11 }, responseText: "busy" },
});
const view = {
  ...{ outcome: "failed", class: "status", status: 503, startedAt: t0, durationMs: 12 },
  ...{ timings: { firstByteMs: 11 }, responseText: "busy" },
};

const { responseText: _response, ...timesOfView } = view;

test("A message that was not attempted has no attempts", () => {
  expect(attemptViews(aMessage(), [])).toEqual([]);
});

test("An attempt that failed is shown as it was stored, in the order of the numbers", () => {
  const message = aMessage({ status: "PENDING", attempts: 2 });

  expect(attemptViews(message, [failed(2), failed(1)])).toEqual([
    { ...view, number: 1 },
    { ...view, number: 2 },
  ]);
});

test("The one that was accepted is delivered, with the times that the message keeps of it", () => {
  const took = [12, 1, -1, -1, 11];
  const at = t0 + 12;
  const lastOutcome = anOutcome({ attempt: 1, class: "accepted", status: 204, at, took });
  const message = aMessage({ status: "COMPLETED", attempts: 1, lastOutcome });

  expect(attemptViews(message, [])).toEqual([
    {
      ...{ ...timesOfView, number: 1, outcome: "delivered", class: "accepted", status: 204 },
      timings: { dnsMs: 1, firstByteMs: 11 },
    },
  ]);
});

test("One that an older version delivered has no times", () => {
  const lastOutcome = anOutcome({ attempt: 2, class: "accepted", status: 204 });
  const message = aMessage({ status: "COMPLETED", attempts: 2, lastOutcome });

  expect(attemptViews(message, [failed(1)])).toEqual([
    { ...view, number: 1 },
    { number: 2, outcome: "delivered", class: "accepted", status: 204 },
  ]);
});

test("The one that is being made is in progress, and none before it", () => {
  const message = aMessage({ status: "PROCESSING", attempts: 2 });

  expect(attemptViews(message, [])).toEqual([
    { number: 1, outcome: "unknown" },
    { number: 2, outcome: "in-progress" },
  ]);
});

test("One whose worker vanished is unknown, also if the message ended with it", () => {
  const lastOutcome = anOutcome({ attempt: 1, class: "unknown", status: undefined });
  const message = aMessage({ status: "FAILED", attempts: 1, lastOutcome });

  expect(attemptViews(message, [])).toEqual([{ number: 1, outcome: "unknown" }]);
});

test("One that was delivered is so still when the message has gone on since", () => {
  const lastOutcome = anOutcome({ attempt: 2, class: "status", status: 503 });
  const message = aMessage({ status: "PENDING", attempts: 2, lastOutcome });
  const delivered: Attempt = { ...failed(1), class: "accepted", status: 204 };

  expect(attemptViews(message, [delivered, failed(2)])).toEqual([
    { ...timesOfView, number: 1, outcome: "delivered", class: "accepted", status: 204 },
    { ...view, number: 2 },
  ]);
});

test("One that an older version delivered, and kept for a replay, has no times either", () => {
  const message = aMessage({ status: "PENDING", attempts: 2 });
  const { timings: _, ...timeless } = failed(1);
  const delivered = { ...timeless, durationMs: 0, class: "accepted", status: 204 };

  expect(attemptViews(message, [delivered, failed(2)])).toEqual([
    { number: 1, outcome: "delivered", class: "accepted", status: 204 },
    { ...view, number: 2 },
  ]);
});

test("One that failed and could not be stored is shown as the message keeps it", () => {
  const lastOutcome = anOutcome({ attempt: 1, class: "status", status: 410 });
  const message = aMessage({ status: "FAILED", attempts: 1, lastOutcome });

  expect(attemptViews(message, [])).toEqual([
    { number: 1, outcome: "failed", class: "status", status: 410 },
  ]);
});

import { expect, test } from "@jest/globals";
import { timelineOf } from "../../domain/timeline.ts";
import { aMessage, t0 } from "../support/messages.ts";

test("An attempt whose time is not known comes after the one before it", () => {
  const lastOutcome = { attempt: 3, class: "accepted", status: 200, at: t0 + 9000 };
  const message = aMessage({ attempts: 3, lastOutcome, completedAt: t0 + 9100 });
  const { senderId, messageId, submitId, ttl } = message;
  const first = { senderId, messageId, submitId, ttl, number: 1, class: "timeout", durationMs: 9 };
  const events = timelineOf(message, [{ ...first, startedAt: t0 + 5000 }], []);

  const attempts = events.flatMap((event) =>
    event.kind === "attempt" ? [[event.attempt.number, event.at]] : [],
  );

  expect(attempts).toEqual([
    [1, t0 + 5000],
    [2, undefined],
    [3, t0 + 9000],
  ]);
});

test("A message that was only submitted has one event until it is QUEUED", () => {
  const message = aMessage();

  expect(timelineOf(message, [], [])).toEqual([{ at: message.createdAt, kind: "submitted" }]);
});

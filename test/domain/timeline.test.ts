import { expect, test } from "@jest/globals";
import { timelineOf } from "../../domain/timeline.ts";
import { aMessage, t0 } from "../support/messages.ts";

test("An attempt whose time is not known comes after the one before it", () => {
  const message = aMessage({ attempts: 3, processingAt: t0 + 9000, completedAt: t0 + 9100 });
  const events = timelineOf(
    message,
    [
      { number: 1, outcome: "failed", startedAt: t0 + 5000 },
      { number: 2, outcome: "unknown" },
      { number: 3, outcome: "delivered" },
    ],
    [],
  );

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

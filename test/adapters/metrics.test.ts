import { expect, test } from "@jest/globals";
import { embeddedMetrics } from "../../adapters/metrics.ts";
import { printedBy } from "../support/printed.ts";

const linesOf = (act: () => void) =>
  printedBy(act)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

test("Counts are added up, durations are kept one by one, with their units", () => {
  const metrics = embeddedMetrics("worker", "Postrider");
  metrics.count("MessagesCompleted");
  metrics.count("MessagesCompleted", 2);
  metrics.milliseconds("ExchangeDuration", 5);
  metrics.milliseconds("ExchangeDuration", 7);

  const [line, ...others] = linesOf(() => metrics.flush());

  expect(others).toEqual([]);
  expect(line).toMatchObject({
    ...{ service: "postrider-worker", MessagesCompleted: 3, ExchangeDuration: [5, 7] },
    _aws: {
      CloudWatchMetrics: [
        {
          ...{ Namespace: "Postrider", Dimensions: [["service"]] },
          Metrics: [
            { Name: "MessagesCompleted", Unit: "Count" },
            { Name: "ExchangeDuration", Unit: "Milliseconds" },
          ],
        },
      ],
    },
  });
});

test("A flush writes what came up since the last one, and nothing if that is nothing", () => {
  const metrics = embeddedMetrics("api", "Postrider");
  metrics.count("MessagesAccepted");

  expect(linesOf(() => metrics.flush())).toHaveLength(1);
  expect(linesOf(() => metrics.flush())).toEqual([]);
});

test("More than the hundred values that CloudWatch takes of a metric are written in several lines", () => {
  const metrics = embeddedMetrics("api", "Postrider");
  metrics.count("MessagesAccepted", 250);
  const durations = Array.from({ length: 250 }, (_, index) => index);
  for (const duration of durations) metrics.milliseconds("SubmitDuration", duration);

  const lines = linesOf(() => metrics.flush());

  expect(lines.map(({ SubmitDuration }) => SubmitDuration.length)).toEqual([100, 100, 50]);
  expect(lines.flatMap(({ SubmitDuration }) => SubmitDuration)).toEqual(durations);
  expect(lines.map(({ MessagesAccepted }) => MessagesAccepted)).toEqual([
    ...[250, undefined, undefined],
  ]);
});

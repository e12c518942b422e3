import { randomUUID } from "node:crypto";
import { afterAll, expect, test } from "@jest/globals";
import { lambdaLog } from "../../adapters/lambda-log.ts";
import { type Count, type Duration, embeddedMetrics } from "../../adapters/metrics.ts";
import { inBatches, usual } from "../../docs/render/cost.ts";
import { accessLogMembers } from "../../stacks/http-endpoint.ts";
import { printedBy } from "../support/printed.ts";
import { openReceiver } from "../support/receiver.ts";
import { aRequest, useService } from "../support/service.ts";

const service = useService();
const receiver = await openReceiver();
afterAll(() => receiver.close());

const accessLine = (path: string): string =>
  `${JSON.stringify({
    ...accessLogMembers,
    ...{ requestId: "JKJaXmPLvHcESHA=", at: "28/Nov/2026:12:00:00 +0000", ip: "198.51.100.7" },
    ...{ method: "POST", path, status: "200", responseBytes: "3214", latencyMs: "31", error: "-" },
  })}\n`;

/** What is printed for the lines and the metrics that have come up since the last call. */
const printed = (name: string): number => {
  const log = lambdaLog(name);
  const metrics = embeddedMetrics(name, "Postrider");
  const text = printedBy(() => {
    for (const line of service.lines.splice(0)) log.line(line);
    for (const [count, by] of service.counts) metrics.count(count as Count, by);
    for (const [duration, values] of service.durations)
      for (const value of values) metrics.milliseconds(duration as Duration, value);
    metrics.flush();
  });
  service.counts.clear();
  service.durations.clear();
  return Buffer.byteLength(text);
};

const messagesOf = (count: number) =>
  Array.from({ length: count }, () =>
    aRequest({ messageId: randomUUID(), targetUrl: receiver.url }),
  );

/** Of a real run, where durations have two digits: four of them for each message. */
const digits = 4;

test("A message logs no more than the page counts, alone and in a batch of ten", async () => {
  for (const message of messagesOf(1)) await service.submit(message);
  const alone = printed("api");
  await service.request("/v1/messages/batch", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ messages: messagesOf(10) }),
  });
  const batch = printed("api") / 10;
  await service.work(...service.queued().slice(-10));
  const worker = printed("worker") / 10 + digits;

  const bytes = (path: string): number => Buffer.byteLength(accessLine(path));
  const bound = (counted: number): number => Math.ceil(counted / 10) * 10;
  expect({
    alone: [bound(alone + worker), bound(bytes("/v1/messages"))],
    inBatches: [bound(batch + worker), bound(bytes("/v1/messages/batch") / 10)],
  }).toEqual({
    alone: [usual.logBytes, usual.accessLogBytes],
    inBatches: [inBatches.logBytes, inBatches.accessLogBytes],
  });
  expect(inBatches.logBytes + inBatches.accessLogBytes).toBeLessThanOrEqual(600);
});

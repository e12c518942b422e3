/**
 * The process of one flow, as `bench/flows.ts` starts it: the handlers or what is written by hand,
 * over a stub or over the embedded table. It handles one event at a time, as a function on Lambda
 * does. Its log goes to standard output, which nobody reads.
 */

import type { SQSEvent } from "aws-lambda";
import { httpEvent } from "./http-event.ts";
import { type Calls, openFlow } from "./open-flow.ts";

/** Which flow it is. */
export type Flow = {
  readonly what: "ingest" | "deliver";
  readonly by: "handlers" | "hand";
  readonly over: "stub" | "engine";
};

/** What some messages took, and the calls that were made for them. */
export type FlowTook = {
  readonly processorMs: number;
  readonly wallMs: number;
  readonly calls: Readonly<Record<string, number>>;
};

const recordsInBatch = 10;
const flow = JSON.parse(process.argv[2] ?? "") as Flow;
const opened = await openFlow(flow);

let submitted = 0;
const submit = async (): Promise<void> => {
  submitted += 1;
  const body = JSON.stringify({
    ...{ messageId: `message-${submitted}`, senderId: opened.senderId },
    ...{ timestamp: "2026-11-01T12:00:00.000Z", targetUrl: "https://example.com/hooks/orders" },
    body: { order: submitted, text: "x".repeat(40) },
  });
  const answer = await opened.submit(
    httpEvent("POST", "/v1/messages", { apiKey: opened.apiKey, body }),
  );
  if (answer.statusCode !== 202) throw new Error(`A submit was answered ${JSON.stringify(answer)}`);
};

const eventOf = (bodies: readonly string[]): SQSEvent => ({
  Records: bodies.map((body, index) => ({
    ...{ messageId: `record-${index}`, receiptHandle: "handle", body },
    attributes: {
      ...{ ApproximateReceiveCount: "1", SentTimestamp: "0", SenderId: "sender" },
      ApproximateFirstReceiveTimestamp: "0",
    },
    ...{ messageAttributes: {}, md5OfBody: "", eventSource: "aws:sqs", awsRegion: "us-east-1" },
    eventSourceARN: "arn:aws:sqs:us-east-1:123456789012:postrider",
  })),
});

const deliverAll = async (bodies: readonly string[]): Promise<void> => {
  for (let from = 0; from < bodies.length; from += recordsInBatch) {
    const { batchItemFailures } = await opened.deliver(
      eventOf(bodies.slice(from, from + recordsInBatch)),
    );
    if (batchItemFailures.length > 0) throw new Error("A record was not delivered");
  }
};

const timed = async (act: () => Promise<void>): Promise<FlowTook> => {
  const calls: Calls = opened.calls;
  calls.clear();
  const before = process.cpuUsage();
  const startedAt = performance.now();
  await act();
  const { user, system } = process.cpuUsage(before);
  return {
    wallMs: performance.now() - startedAt,
    processorMs: (user + system) / 1000,
    calls: Object.fromEntries([...calls].sort()),
  };
};

const ingest = async (messages: number): Promise<void> => {
  for (let each = 0; each < messages; each += 1) await submit();
};

process.on("message", async (messages: number) => {
  if (flow.what === "ingest") process.send?.(await timed(() => ingest(messages)));
  else {
    opened.takeRecords();
    await ingest(messages);
    const bodies = opened.takeRecords();
    process.send?.(await timed(() => deliverAll(bodies)));
  }
  opened.takeRecords();
});
process.send?.("ready");

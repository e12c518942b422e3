import type { SQSEvent } from "aws-lambda";
import { httpEvent } from "./http-event.ts";
import type { OpenFlow } from "./open-flow.ts";

const recordsInBatch = 10;

let submitted = 0;
const submit = async (opened: OpenFlow): Promise<void> => {
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

/** Submits so many messages, one after the other, as one function on Lambda does. */
export const submitAll = async (opened: OpenFlow, messages: number): Promise<void> => {
  for (let each = 0; each < messages; each += 1) await submit(opened);
};

/** Delivers what records point at, a batch after the other. */
export const deliverAll = async (opened: OpenFlow, bodies: readonly string[]): Promise<void> => {
  for (let from = 0; from < bodies.length; from += recordsInBatch) {
    const { batchItemFailures } = await opened.deliver(
      eventOf(bodies.slice(from, from + recordsInBatch)),
    );
    if (batchItemFailures.length > 0) throw new Error("A record was not delivered");
  }
};

/** Submits so many messages and delivers them. */
export const submitAndDeliver = async (opened: OpenFlow, messages: number): Promise<void> => {
  opened.takeRecords();
  await submitAll(opened, messages);
  await deliverAll(opened, opened.takeRecords());
};

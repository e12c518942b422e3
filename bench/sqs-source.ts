import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { limits } from "../domain/limits.ts";
import type { RecordSource } from "../local/poller.ts";
import { eventOf } from "../local/sqs-event.ts";

/**
 * An aborted long poll lives on in the embedded queue until its wait is over, and what arrives
 * meanwhile is lost to it until the visibility timeout. So it is short; the queue ends it within
 * 20 ms of a record's time.
 */
const waitSeconds = 1;

/** Receives the records of an SQS queue as Lambda's event source does. */
export const sqsSource = ({
  client,
  queueUrl,
  visibilitySeconds,
}: {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly visibilitySeconds: number;
}): RecordSource => ({
  receive: async (signal) => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: limits.queueBatchMax,
        VisibilityTimeout: visibilitySeconds,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ["All"],
        MessageAttributeNames: ["All"],
      }),
      { abortSignal: signal },
    );
    return eventOf(Messages, queueUrl, await client.config.region());
  },
  remove: async (records) => {
    const Entries = records.map(({ receiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle: receiptHandle,
    }));
    const { Failed = [] } = await client.send(
      new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }),
    );
    if (Failed.length > 0) throw new Error(`${Failed.length} records could not be deleted`);
  },
});

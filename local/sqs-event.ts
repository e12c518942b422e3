import type { Message, MessageAttributeValue } from "@aws-sdk/client-sqs";
import type {
  SQSBatchResponse,
  SQSEvent,
  SQSMessageAttribute,
  SQSRecord,
  SQSRecordAttributes,
} from "aws-lambda";

/**
 * Returns where a record comes from, in the words of Lambda; the URL's path is
 * `/<account>/<queue>`.
 */
const sourceOf = (queueUrl: string, awsRegion: string) => {
  const [, account, name] = new URL(queueUrl).pathname.split("/");
  const eventSourceARN = `arn:aws:sqs:${awsRegion}:${account}:${name}`;
  return { eventSource: "aws:sqs", eventSourceARN, awsRegion };
};

const attributeOf = (value: MessageAttributeValue): SQSMessageAttribute => ({
  ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
  ...(value.BinaryValue && { binaryValue: Buffer.from(value.BinaryValue).toString("base64") }),
  stringListValues: [],
  binaryListValues: [],
  dataType: value.DataType ?? "",
});

const recordOf = ({ MessageAttributes = {}, ...message }: Message) => ({
  messageId: message.MessageId ?? "",
  receiptHandle: message.ReceiptHandle ?? "",
  body: message.Body ?? "",
  attributes: message.Attributes as unknown as SQSRecordAttributes,
  messageAttributes: Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, value]) => [name, attributeOf(value)]),
  ),
  md5OfBody: message.MD5OfBody ?? "",
  ...(message.MD5OfMessageAttributes && { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
});

/** Returns what Lambda would call a function with for messages that were received from a queue. */
export const eventOf = (
  messages: readonly Message[],
  queueUrl: string,
  awsRegion: string,
): SQSEvent => {
  const source = sourceOf(queueUrl, awsRegion);
  return { Records: messages.map((message) => ({ ...recordOf(message), ...source })) };
};

/**
 * Returns the records that may be deleted. Throws if the answer names one that is not in the batch:
 * then nobody can say what it means, and Lambda, too, counts all of them as failed. No list of
 * failures means none. (AWS Lambda Developer Guide, "Handling errors for an SQS event source".)
 */
export const handledOf = (
  { Records: records }: SQSEvent,
  response: SQSBatchResponse | null | undefined,
): readonly SQSRecord[] => {
  const failed = new Set(response?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier));
  const handled = records.filter(({ messageId }) => !failed.has(messageId));
  if (handled.length + failed.size === records.length) return handled;
  throw new Error("The handler named a record that it was not given");
};

import { createHash } from "node:crypto";
import type { Message as SqsMessage } from "@aws-sdk/client-sqs";
import type { DeliveryRecord } from "../../domain/record.ts";
import type { Answer } from "./table.ts";

/** One copy of a record. */
type Copy = {
  readonly id: string;
  readonly body: string;
  readonly sentAt: number;
  visibleAt: number;
  receives: number;
};

/** What a queue does to a record that comes in: how many copies, and how late each of them is. */
export type Handling = (body: string) => readonly { readonly lateMs: number }[];

/** What befalls the entries of a batch, by their position. */
export type EntryFails = (index: number) => boolean;

type Entry = { readonly Id?: string; readonly MessageBody: string; readonly DelaySeconds?: number };

/** What is known of a record from outside. */
export const recordOf = (body: string) => {
  const { senderId, messageId, attempt } = JSON.parse(body) as DeliveryRecord;
  return { key: { senderId, messageId }, attempt };
};

const receivesMax = 5;

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

/** A queue as SQS is one: records come in any order, and again unless they are deleted in time. */
export const memoryQueue = ({
  now,
  handling,
  onRecord,
}: {
  readonly now: () => number;
  readonly handling: Handling;
  readonly onRecord: (what: "put" | "deleted" | "lost", body: string) => void;
}) => {
  let copies: Copy[] = [];
  let count = 0;

  const send = ({ MessageBody, DelaySeconds = 0 }: Entry) => {
    const handled = handling(MessageBody);
    count += 1;
    if (handled.length === 0) {
      onRecord("put", MessageBody);
      onRecord("lost", MessageBody);
    }
    for (const { lateMs } of handled) {
      count += 1;
      copies.push({
        id: `record-${count}`,
        body: MessageBody,
        sentAt: now(),
        visibleAt: now() + DelaySeconds * 1000 + lateMs,
        receives: 0,
      });
      onRecord("put", MessageBody);
    }
    return { MessageId: `record-${count}`, MD5OfMessageBody: md5(MessageBody) };
  };

  const sendBatch = (entries: readonly Entry[], fails: EntryFails) => ({
    Successful: entries.flatMap((entry, index) =>
      fails(index) ? [] : [{ Id: entry.Id, ...send(entry) }],
    ),
    Failed: entries.flatMap(({ Id }, index) =>
      fails(index) ? [{ Id, SenderFault: false, Code: "InternalError" }] : [],
    ),
  });

  const visible = (): readonly Copy[] => copies.filter(({ visibleAt }) => visibleAt <= now());

  return {
    call: (operation: string, input: object, fails: EntryFails = () => false): Answer => {
      if (operation === "SendMessage") return { status: 200, body: send(input as Entry) };
      if (operation === "SendMessageBatch")
        return {
          status: 200,
          body: sendBatch((input as { Entries: readonly Entry[] }).Entries, fails),
        };
      throw new Error(`Nobody knows ${operation} here`);
    },
    visible: () => visible().length,
    nextVisibleAt: (): number | undefined =>
      copies.length === 0 ? undefined : Math.min(...copies.map(({ visibleAt }) => visibleAt)),
    /** Hands records out, those at these positions among the visible ones. */
    receive: (positions: readonly number[], visibilityMs: number): readonly SqsMessage[] => {
      const waiting = visible();
      return positions.flatMap((position) => {
        const copy = waiting[position];
        if (!copy) return [];
        copy.visibleAt = now() + visibilityMs;
        copy.receives += 1;
        return [
          {
            MessageId: copy.id,
            ReceiptHandle: copy.id,
            Body: copy.body,
            MD5OfBody: md5(copy.body),
            Attributes: {
              ApproximateReceiveCount: String(copy.receives),
              SentTimestamp: String(copy.sentAt),
              SenderId: "sender",
              ApproximateFirstReceiveTimestamp: String(now()),
            },
          },
        ];
      });
    },
    delete: (id: string): void => {
      const copy = copies.find((each) => each.id === id);
      if (!copy) return;
      copies = copies.filter((each) => each !== copy);
      onRecord("deleted", copy.body);
    },
    /** Takes out what has been received too often: it belongs to the dead letters. */
    takeDead: (): readonly SqsMessage[] => {
      const dead = visible().filter(({ receives }) => receives >= receivesMax);
      copies = copies.filter((copy) => !dead.includes(copy));
      for (const { body } of dead) onRecord("lost", body);
      return dead.map(({ id, body, receives, sentAt }) => ({
        MessageId: id,
        ReceiptHandle: id,
        Body: body,
        Attributes: { ApproximateReceiveCount: String(receives), SentTimestamp: String(sentAt) },
      }));
    },
  };
};
export type MemoryQueue = ReturnType<typeof memoryQueue>;

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { allows, leaseFrom, startableBy } from "postrider/domain";
import { messageStore, type Storage } from "postrider/entities";

/** What the queue carries: which message, and the number of the attempt that it is for. */
type DeliveryRecord = {
  readonly senderId: string;
  readonly messageId: string;
  readonly attempt: number;
};

/** Puts the content of a message where it belongs, in whatever way. True: it is there. */
type Deliver = (targetUrl: string, body: Uint8Array | undefined) => Promise<boolean>;

const leaseMs = 65_000;
const clockMarginMs = 5000;

/**
 * A worker of your own over Postrider's table: it takes the lease for one attempt, delivers the
 * message its own way, and completes it. What it does not complete, Postrider's dispatcher gives
 * to the next attempt once the lease is over.
 */
export const orderWorker =
  (storage: Storage, deliver: Deliver) =>
  async (record: DeliveryRecord, now: () => number, owner: string): Promise<string> => {
    const messages = messageStore(storage);

    const at = now();
    const { leaseUntil, dueAt } = leaseFrom(at, { leaseMs, clockMarginMs });
    const change = {
      now: at,
      seen: { attempts: record.attempt - 1 },
      notAfter: { notBefore: startableBy(at, clockMarginMs), dueAt },
      set: { owner, leaseUntil, dueAt },
    };
    let claimed = await messages.claim(record, change);
    // The dispatcher's next look had been put off past the lease: this claim brings it forward.
    if (
      claimed.kind === "lost" &&
      claimed.current &&
      allows("claimAndReschedule", claimed.current, change)
    )
      claimed = await messages.claimAndReschedule(record, change);
    // Somebody else has the attempt, or it is over: there is nothing to do for this record.
    if (claimed.kind === "lost") return "nothing to do";

    const { message } = claimed;
    if (!(await deliver(message.targetUrl, message.body))) return "left to the next attempt";

    const lastOutcome = { attempt: message.attempts, class: "accepted", at: now() };
    const settled = await messages.complete(message, {
      now: now(),
      owner,
      seen: message,
      set: { lastOutcome },
    });
    return settled.kind === "done" ? settled.message.status : "overtaken";
  };

/** The table as a Lambda function finds it: the region and the credentials are Lambda's. */
export const ordersTable = (table: string): Storage => ({ client: new DynamoDBClient({}), table });

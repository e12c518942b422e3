import { type DynamoDBClient, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import type { MessageKey } from "../../domain/message.ts";
import { Problem } from "../../domain/problem.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Sent } from "../../outbox/sent.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Fields } from "./items.ts";
import { tableName } from "./outside.ts";
import type { Submit } from "./plans.ts";
import type { Wishes } from "./rules.ts";

const triesMax = 3;
/** How the names of its processes begin. */
export const shop = "shop-";

/** An order of a service, in the table of Postrider: its message exists exactly if it does. */
type Order = {
  readonly pk: string;
  readonly senderId: string;
  readonly messageId: string;
  readonly submitId: string;
  readonly content: string;
};
const isOrder = (item: Fields): boolean => String(item["pk"]).startsWith("order#");

const submitIdOf = ({ entries: [message] }: Sent): string => message?.Put.Item["submitId"]?.S ?? "";

const orderEntry = (key: MessageKey, submitId: string, content: string) => ({
  Put: {
    TableName: tableName,
    Item: {
      ...{ pk: { S: `order#${key.messageId}` }, sk: { S: "order" } },
      ...{ senderId: { S: key.senderId }, messageId: { S: key.messageId } },
      ...{ submitId: { S: submitId }, content: { S: content } },
    },
    ConditionExpression: "attribute_not_exists(pk)",
  },
});

/** Watches which transactions commit, and which messages of outboxes come to be. */
export const orderWatch = (chronicle: Chronicle) => {
  const committed = new Set<string>();
  const created = new Set<string>();
  const violate = (what: string): void => chronicle.violate({ invariant: "committed", what });
  return {
    /** The commit itself is the promise: from here on the message must not be lost. */
    committed: (items: readonly Fields[]): void => {
      for (const item of items.filter(isOrder)) {
        const { senderId, messageId, submitId, content } = item as Order;
        committed.add(submitId);
        chronicle.count("outbox committed");
        const key = { senderId, messageId };
        chronicle.observe({ kind: "told", key, content, status: 202 });
      }
    },
    created: (submitId: string): void => {
      created.add(submitId);
    },
    /** What an outbox says of a message must be so, also if the answer of the commit was lost. */
    asked: (submitId: string): ((outcome: string) => void) => {
      const wasCommitted = committed.has(submitId);
      return (outcome) => {
        chronicle.count(`outbox ${outcome}`);
        // What comes late may commit after it was asked.
        const mayBe = outcome === "committed" ? committed.has(submitId) : !wasCommitted;
        if (!mayBe) violate(`the outbox says that ${submitId} is ${outcome}`);
      };
    },
    ended: (): void => {
      for (const submitId of committed)
        if (!created.has(submitId)) violate(`there is an order of ${submitId}, and no message`);
      for (const submitId of created)
        if (!committed.has(submitId)) violate(`there is a message of ${submitId}, and no order`);
    },
  };
};
export type OrderWatch = ReturnType<typeof orderWatch>;

type Deps = {
  readonly chronicle: Chronicle;
  readonly orders: OrderWatch;
  readonly outbox: Outbox;
  readonly client: DynamoDBClient;
};

/** Commits an order and its message. False: both are not there; it may be tried again. */
const committed = async ({ client, orders }: Deps, sent: Sent, order: object): Promise<boolean> => {
  const TransactItems = [order, ...sent.entries];
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems }));
    return true;
  } catch (error) {
    // An answer that was lost is no answer: whoever asks looks.
    const said = orders.asked(submitIdOf(sent));
    const outcome = await sent.outcome();
    said(outcome);
    if (outcome === "committed") return true;
    if ((error as Error).name === "TransactionCanceledException") throw error;
    return false;
  }
};

/**
 * What a service does that keeps its orders in the same table: an order and its message by one
 * transaction, then the record. It tries again while nothing is said; whatever is left undone when
 * it dies, the dispatcher must do.
 */
export const ordering =
  (deps: Deps, key: MessageKey, plan: Pick<Wishes, "deliverAt">, { json, content }: Submit) =>
  async (): Promise<void> => {
    const { chronicle, outbox } = deps;
    for (let tries = 0; tries < triesMax; tries += 1) {
      try {
        chronicle.observe({ kind: "asked", key, content, deliverAt: plan.deliverAt });
        const sent = await outbox.send(JSON.parse(json));
        if (!(await committed(deps, sent, orderEntry(key, submitIdOf(sent), content)))) continue;
        const dispatched = await sent.dispatch();
        return chronicle.count(`outbox ${dispatched.kind}`);
      } catch (error) {
        const { name } = error as Error;
        if (error instanceof Problem && error.code !== "SYSTEM_ERROR")
          return chronicle.count(`outbox ${error.code}`);
        if (name === "TransactionCanceledException") return chronicle.count("outbox cancelled");
      }
    }
  };

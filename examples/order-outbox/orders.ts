import {
  type DynamoDBClient,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import type { Outbox, Sent } from "postrider/outbox";

export type Order = { readonly orderId: string; readonly total: number };

type Deps = {
  readonly client: DynamoDBClient;
  /** The table of orders, with the key `orderId`. */
  readonly table: string;
  readonly outbox: Outbox;
  readonly senderId: string;
  readonly targetUrl: string;
  readonly clock: () => number;
};

/**
 * Stores an order and the message about it, or neither. `placed before` if that had happened already.
 */
export const placeOrder =
  ({ client, table, outbox, senderId, targetUrl, clock }: Deps) =>
  async (order: Order): Promise<"placed" | "placed before"> => {
    const { orderId, total } = order;
    const sent = await outbox.send({
      // From the order's id: whoever places it again has the same message.
      ...{ messageId: `order-placed-${orderId}`, senderId, targetUrl, body: order },
      timestamp: new Date(clock()),
    });
    const put = {
      TableName: table,
      Item: { orderId: { S: orderId }, total: { N: String(total) } },
      ConditionExpression: "attribute_not_exists(orderId)",
    };
    try {
      await client.send(
        new TransactWriteItemsCommand({ TransactItems: [{ Put: put }, ...sent.entries] }),
      );
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      if (!(await isPlaced(sent))) throw error;
      // Whoever placed it may have died before this.
      await sent.dispatch();
      return "placed before";
    }
    // A process that dies here has placed the order: the dispatcher sends the record within two minutes.
    await sent.dispatch();
    return "placed";
  };

/** The message is there exactly if the order is, so it tells why the transaction was cancelled. */
const isPlaced = async (sent: Sent): Promise<boolean> =>
  ["committed", "duplicate"].includes(await sent.outcome());

/**
 * What the tests take for DynamoDB's transactions is what AWS documents of `TransactWriteItems`.
 * With `POSTRIDER_TEST_DYNAMODB` the same is asked of a real one.
 */
import {
  type AttributeValue,
  GetItemCommand,
  PutItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "@jest/globals";
import { tableDescription } from "../../entities/table.ts";
import { useTable } from "../support/table.ts";

const { pk, sk } = tableDescription.key;
const table = useTable();
let ids = 0;
const anId = (): string => `item-${++ids}`;

const keyOf = (id: string) => ({ [pk]: { S: id }, [sk]: { S: "x" } });
const itemOf = (id: string, value: string) => ({ ...keyOf(id), value: { S: value } });
const isNew = { ConditionExpression: `attribute_not_exists(${pk})` };

const put = (id: string, value: string, more: object = {}): TransactWriteItem => ({
  Put: { TableName: table.storage.table, Item: itemOf(id, value), ...more },
});
const transact = (TransactItems: TransactWriteItem[], ClientRequestToken?: string) =>
  table.storage.client.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken }));
const stored = (id: string, value: string) =>
  table.storage.client.send(
    new PutItemCommand({ TableName: table.storage.table, Item: itemOf(id, value) }),
  );
const storedAt = async (id: string): Promise<AttributeValue | undefined> => {
  const { Item } = await table.storage.client.send(
    new GetItemCommand({
      TableName: table.storage.table,
      Key: keyOf(id),
      ConsistentRead: true,
    }),
  );
  return Item?.["value"];
};

describe("A transaction", () => {
  test("writes all of its items", async () => {
    const [a, b, c] = [anId(), anId(), anId()];
    await stored(c, "before");

    await transact([
      put(a, "one", isNew),
      put(b, "two"),
      { Delete: { TableName: table.storage.table, Key: keyOf(c) } },
    ]);

    expect([await storedAt(a), await storedAt(b)]).toEqual([{ S: "one" }, { S: "two" }]);
    expect(await storedAt(c)).toBeUndefined();
  });

  test("writes none if a condition does not hold, and says which, in the order of its items", async () => {
    const [a, b, c] = [anId(), anId(), anId()];
    await stored(b, "before");
    await stored(c, "before");

    const cancelled = await transact([
      put(a, "one", isNew),
      put(b, "two", { ...isNew, ReturnValuesOnConditionCheckFailure: "ALL_OLD" }),
      put(c, "three"),
    ]).catch((error: unknown) => error);

    expect(cancelled).toMatchObject({
      name: "TransactionCanceledException",
      CancellationReasons: [
        { Code: "None" },
        { Code: "ConditionalCheckFailed", Item: itemOf(b, "before") },
        { Code: "None" },
      ],
    });
    expect(await storedAt(a)).toBeUndefined();
    expect([await storedAt(b), await storedAt(c)]).toEqual([{ S: "before" }, { S: "before" }]);
  });

  test("returns no item that it is not asked for", async () => {
    const id = anId();
    await stored(id, "before");

    const cancelled = await transact([put(id, "x", isNew)]).catch((error: unknown) => error);

    expect(JSON.stringify(cancelled)).not.toContain("before");
  });

  test("may check an item that it does not change, or one that is not there", async () => {
    const [a, b, checked] = [anId(), anId(), anId()];
    const check = {
      ConditionCheck: { TableName: table.storage.table, Key: keyOf(checked), ...isNew },
    };

    await transact([put(a, "one"), check]);
    expect(await storedAt(checked)).toBeUndefined();
    await stored(checked, "kept");

    await expect(transact([put(b, "two"), check])).rejects.toThrow("ConditionalCheckFailed");
    expect([await storedAt(a), await storedAt(checked)]).toEqual([{ S: "one" }, { S: "kept" }]);
    expect(await storedAt(b)).toBeUndefined();
  });

  test("is refused with two entries for one item", async () => {
    const id = anId();

    await expect(transact([put(id, "one"), put(id, "two")])).rejects.toMatchObject({
      name: "ValidationException",
    });
    expect(await storedAt(id)).toBeUndefined();
  });

  test("with the token of one that committed is that one", async () => {
    const [id, token] = [anId(), crypto.randomUUID()];
    await transact([put(id, "one", isNew)], token);
    await stored(id, "since");

    await transact([put(id, "one", isNew)], token);

    expect(await storedAt(id)).toEqual({ S: "since" });
    await expect(transact([put(id, "two")], token)).rejects.toMatchObject({
      name: "IdempotentParameterMismatchException",
    });
  });

  test("of many that put one new item, one commits, and nobody sees a part of another", async () => {
    const id = anId();
    const others = Array.from({ length: 8 }, anId);

    const ended = await Promise.allSettled(
      others.map((other) => transact([put(other, "also"), put(id, other, isNew)])),
    );

    const committed = others.filter((_, index) => ended[index]?.status === "fulfilled");
    expect(committed).toHaveLength(1);
    expect(await storedAt(id)).toEqual({ S: committed[0] });
    const values = await Promise.all(others.map(storedAt));
    expect(values.filter((value) => value !== undefined)).toHaveLength(1);
  });
});

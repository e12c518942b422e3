import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";

type KeyPair = { readonly pk: string; readonly sk: string };

/**
 * The description of the one table, for the embedded engine and the stack.
 *
 * All indexes hold keys only: projecting `status` or `updatedAt` would cost a write per change of
 * state.
 */
export const tableDescription = {
  key: { pk: "pk", sk: "sk" },
  ttl: "ttl",
  indexes: {
    /** Which messages does a sender have? Newest first, over its shards. */
    bySender: { pk: "bySenderPk", sk: "bySenderSk" },
    /** Which messages must the dispatcher check, and when? All that have not ended. */
    due: { pk: "dueShard", sk: "dueAt" },
    /** Which of a sender's messages have FAILED? */
    failed: { pk: "failedShard", sk: "failedAt" },
  },
  /** All other key attributes are strings. */
  numbers: ["dueAt", "failedAt"],
} as const;

const { key, indexes, numbers } = tableDescription;

/** Returns the indexes of a table, with or without the one of all messages. */
export const indexesOf = (listAll: boolean): readonly (readonly [string, KeyPair])[] =>
  Object.entries(indexes).filter(([name]) => listAll || name !== "bySender");

const keySchema = ({ pk, sk }: KeyPair) => [
  { AttributeName: pk, KeyType: "HASH" as const },
  { AttributeName: sk, KeyType: "RANGE" as const },
];

/** Returns the input of `CreateTable` for a table with this name, paid per request. */
export const createTableInput = (table: string): CreateTableCommandInput => {
  const pairs: readonly KeyPair[] = [key, ...Object.values(indexes)];
  const isNumber = (name: string): boolean => numbers.some((number) => number === name);
  return {
    TableName: table,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: keySchema(key),
    AttributeDefinitions: pairs
      .flatMap(({ pk, sk }) => [pk, sk])
      .map((name) => ({ AttributeName: name, AttributeType: isNumber(name) ? "N" : "S" })),
    GlobalSecondaryIndexes: Object.entries(indexes).map(([name, pair]) => ({
      IndexName: name,
      KeySchema: keySchema(pair),
      Projection: { ProjectionType: "KEYS_ONLY" },
    })),
  };
};

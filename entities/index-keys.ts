import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { ListIndex } from "../domain/list-filter.ts";
import { failedShardOf } from "../domain/shard.ts";
import { listPartition, listSortKey } from "./message-item.ts";

/** One shard of the index that a list of a sender's messages is read from. */
export type ListShard = {
  readonly index: ListIndex;
  readonly senderId: string;
  readonly shard: number;
};

/** The partition of a shard, a sort key from a time, and a time from a sort key. */
export type IndexKeys = {
  readonly pkOf: (of: ListShard) => string;
  readonly skOf: (of: ListShard, at: number) => AttributeValue;
  readonly atOf: (sk: AttributeValue | undefined) => number;
};

const numeric = {
  skOf: (_of: ListShard, at: number): AttributeValue => ({ N: String(at) }),
  atOf: (sk: AttributeValue | undefined): number => Number(sk?.N),
};

/** How the keys of each index are written and read. */
export const indexKeys: Readonly<Record<ListIndex, IndexKeys>> = {
  bySender: {
    pkOf: ({ senderId, shard }) => listPartition(senderId, String(shard)),
    skOf: (_of, at) => ({ S: listSortKey(at) }),
    // The sort key ends with the time, padded with zeros.
    atOf: (text) => Number(/\d+$/.exec(text?.S ?? "")?.[0]),
  },
  failed: {
    pkOf: ({ senderId, shard }) => failedShardOf({ senderId, messageId: "" }, String(shard)),
    ...numeric,
  },
  due: { pkOf: ({ shard }) => String(shard), ...numeric },
};

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { createConversions } from "electrodb";
import type { ListIndex } from "../domain/list-filter.ts";
import { failedShardOf } from "../domain/shard.ts";
import type { MessageEntity } from "./message-entity.ts";
import { tableDescription } from "./table.ts";

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

/** Returns how the keys of each index are written and read. */
export const indexKeysOf = (entity: MessageEntity): Readonly<Record<ListIndex, IndexKeys>> => {
  const { fromComposite } = createConversions(entity).byAccessPattern.bySender;
  const keysAt = ({ senderId, shard }: ListShard, createdAt: number) =>
    fromComposite.toKeys({ senderId, senderShard: String(shard), createdAt } as never) as Record<
      string,
      string
    >;
  const { pk, sk } = tableDescription.indexes.bySender;
  return {
    bySender: {
      pkOf: (of) => String(keysAt(of, 0)[pk]),
      skOf: (of, at) => ({ S: String(keysAt(of, at)[sk]) }),
      // The sort key ends with the time, padded with zeros.
      atOf: (text) => Number(/\d+$/.exec(text?.S ?? "")?.[0]),
    },
    failed: {
      pkOf: ({ senderId, shard }) => failedShardOf({ senderId, messageId: "" }, String(shard)),
      ...numeric,
    },
    due: { pkOf: ({ shard }) => String(shard), ...numeric },
  };
};

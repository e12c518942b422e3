import type { UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import type { OutcomesKey } from "./outcomes.ts";
import { type Item, itemOf, markOf } from "./raw-item.ts";
import { tableDescription } from "./table.ts";

const { key } = tableDescription;

/** The length of `from` in a sort key, which is text: padded to sort as a number. */
export const fromChars = 14;

const keyOf = ({ senderId, shard, from }: OutcomesKey): Item =>
  itemOf({
    [key.pk]: `$postrider#senderId_${senderId}#shard_${shard}`,
    [key.sk]: `$outcomes_1#from_${String(from).padStart(fromChars, "0")}`,
  });

const namesOf = (fields: object): readonly string[] => Object.keys(fields);

/**
 * Returns the update that adds to the counters of an item. The one update without a condition: ADD
 * must also make the item. It touches no index and sets nothing that two writers differ in. Made
 * without ElectroDB, as it comes with each batch of a worker; a test reads the item by its entity.
 */
export const outcomesUpdate = (
  table: string,
  { senderId, shard, from }: OutcomesKey,
  additions: Readonly<Record<string, number>>,
  ttl: number,
): UpdateItemCommandInput => {
  const fixed = { senderId, shard, from, ttl, ...markOf("outcomes") };
  const set = namesOf(fixed).map((name) => `#${name} = :${name}`);
  const added = namesOf(additions).map((name) => `#${name} :${name}`);
  const all = { ...fixed, ...additions };
  return {
    ...{ TableName: table, Key: keyOf({ senderId, shard, from }) },
    UpdateExpression: `SET ${set.join(", ")}${added.length > 0 ? ` ADD ${added.join(", ")}` : ""}`,
    ExpressionAttributeNames: Object.fromEntries(namesOf(all).map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: itemOf(
      Object.fromEntries(Object.entries(all).map(([name, value]) => [`:${name}`, value])),
    ),
  };
};

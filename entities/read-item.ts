import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import type { Fields } from "../domain/message-shape.ts";
import { type Item, kindOf, plainOf } from "./raw-item.ts";
import type { Storage } from "./storage.ts";

/** Reads an item consistently from the base table, expired or not. */
export const readItem = async (
  { client, table }: Storage,
  key: Item,
): Promise<Item | undefined> => {
  const read = new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true });
  return (await client.send(read)).Item;
};

/** The names of the attributes of a type. One that is missing, or that it does not have, does not compile. */
export type NamesOf<Stored> = { readonly [Name in keyof Required<Stored>]: true };

/**
 * Returns the attributes of an item that have these names, as its entity would read them. Returns
 * `undefined` if the item is of another entity, or of a version that this code does not know.
 */
export const storedIn = <Stored extends object>(
  item: Item,
  kind: string,
  names: NamesOf<Stored>,
): Stored | undefined => {
  const fields: Fields = plainOf(item);
  if (kindOf(fields) !== kind) return undefined;
  const own = Object.entries(fields).filter(([name]) => Object.hasOwn(names, name));
  return Object.fromEntries(own) as Stored;
};

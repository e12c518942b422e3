import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Fields } from "../domain/message-shape.ts";

/** An item as DynamoDB returns it. */
export type Item = Readonly<Record<string, AttributeValue>>;

const plainValueOf = ({ S, N, B, BOOL, L, M }: AttributeValue): unknown => {
  if (N !== undefined) return Number(N);
  if (L !== undefined) return L.map(plainValueOf);
  if (M !== undefined) return plainOf(M);
  return S ?? B ?? BOOL ?? null;
};

/** Returns the attributes of an item as plain values. Types that no entity uses become null. */
export const plainOf = (item: Item): Fields =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValueOf(value)]));

/** ElectroDB's own attributes: the entity of an item and its version. */
export const kindFields = { kind: "__edb_e__", version: "__edb_v__" } as const;

/** Returns the entity of an item, or `undefined` if this code does not know its version. */
export const kindOf = (fields: Fields): string =>
  fields[kindFields.version] === "1" ? String(fields[kindFields.kind]) : "";

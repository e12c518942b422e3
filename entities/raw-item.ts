import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Fields } from "../domain/message-shape.ts";

/** An item as DynamoDB has it. */
export type Item = Readonly<Record<string, AttributeValue>>;

const plainValueOf = ({ S, N, B, BOOL, L, M }: AttributeValue): unknown => {
  if (N !== undefined) return Number(N);
  if (L !== undefined) return L.map(plainValueOf);
  if (M !== undefined) return plainOf(M);
  return S ?? B ?? BOOL ?? null;
};

/** The attributes of an item as plain values, whatever they are; those that no entity has are null. */
export const plainOf = (item: Item): Fields =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValueOf(value)]));

/** The library's own attributes: what kind of item it is, and in which version. */
export const kindFields = { kind: "__edb_e__", version: "__edb_v__" } as const;

/** What kind of item it is; nothing if its version is not the one that this code knows. */
export const kindOf = (fields: Fields): string =>
  fields[kindFields.version] === "1" ? String(fields[kindFields.kind]) : "";

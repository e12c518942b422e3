import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Fields } from "../domain/message-shape.ts";

/** An item as DynamoDB returns it. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** Returns an attribute as a plain value, or null if it is of a type that no entity uses. */
export const plainValueOf = ({ S, N, B, BOOL, L, M }: AttributeValue): unknown => {
  if (N !== undefined) return Number(N);
  if (L !== undefined) return L.map(plainValueOf);
  if (M !== undefined) return plainOf(M);
  return S ?? B ?? BOOL ?? null;
};

/** Returns the attributes of an item as plain values. Types that no entity uses become null. */
export const plainOf = (item: Item): Fields =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValueOf(value)]));

/** Returns a plain value as DynamoDB takes it. Members of a map that are undefined are left out. */
export const attributeValueOf = (value: unknown): AttributeValue => {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (value instanceof Uint8Array) return { B: value };
  if (Array.isArray(value)) return { L: value.map(attributeValueOf) };
  if (value instanceof Map) return { M: itemOf(Object.fromEntries(value)) };
  if (typeof value === "object" && value !== null) return { M: itemOf(value as Fields) };
  throw new TypeError(`An attribute cannot have a value of the type ${typeof value}`);
};

/** Reverses `plainOf`. Attributes that are undefined are left out. */
export const itemOf = (fields: Fields): Item =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, attributeValueOf(value)]],
    ),
  );

/** ElectroDB's own attributes: the entity of an item and its version. */
export const kindFields = { kind: "__edb_e__", version: "__edb_v__" } as const;

/** Returns the attributes that tell that an item is one of this entity. */
export const markOf = (kind: string): Fields => ({
  [kindFields.kind]: kind,
  [kindFields.version]: "1",
});

/** Returns the entity of an item, or an empty text if this code does not know its version. */
export const kindOf = (fields: Fields): string =>
  fields[kindFields.version] === "1" ? String(fields[kindFields.kind]) : "";

/** Returns the same of an item as DynamoDB returns it. */
export const kindIn = (item: Item): string =>
  kindOf({
    [kindFields.kind]: item[kindFields.kind]?.S,
    [kindFields.version]: item[kindFields.version]?.S,
  });

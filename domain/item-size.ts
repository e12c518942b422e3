/**
 * Returns the size of an item as DynamoDB counts it: names and values in UTF-8, numbers by their
 * digits, a few bytes per nesting (Amazon DynamoDB Developer Guide, "DynamoDB item sizes and
 * formats"). A write costs one unit per started 1,024 bytes.
 */
export const itemBytes = (item: Readonly<Record<string, unknown>>): number =>
  Object.entries(item)
    .filter(([, value]) => value !== undefined)
    .reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);

const valueBytes = (value: unknown): number => {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value === "number") return numberBytes(value);
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (Array.isArray(value)) return value.reduce((sum, each) => sum + 1 + valueBytes(each), 3);
  if (value instanceof Map) return mapBytes(Object.fromEntries(value));
  if (typeof value === "object" && value !== null) return mapBytes(value);
  return 1; // a boolean or null
};

const mapBytes = (map: object): number => 3 + Object.keys(map).length + itemBytes({ ...map });

/** One byte per two significant digits, and up to two more. */
const numberBytes = (value: number): number =>
  Math.ceil(String(Math.abs(value)).replace(/\D/g, "").length / 2) + (value < 0 ? 2 : 1);

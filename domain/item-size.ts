/**
 * Returns the size of an item as DynamoDB counts it: names and values in UTF-8, numbers by their
 * digits, a few bytes per nesting (Amazon DynamoDB Developer Guide, "DynamoDB item sizes and
 * formats"). A write costs one unit per started 1,024 bytes.
 */
export const itemBytes = (item: Readonly<Record<string, unknown>>): number => {
  let bytes = 0;
  for (const [name, value] of Object.entries(item))
    if (value !== undefined) bytes += Buffer.byteLength(name) + valueBytes(value);
  return bytes;
};

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
const numberBytes = (value: number): number => {
  const text = String(Math.abs(value));
  const digits = Number.isSafeInteger(value) ? text.length : text.replace(/\D/g, "").length;
  return Math.ceil(digits / 2) + (value < 0 ? 2 : 1);
};

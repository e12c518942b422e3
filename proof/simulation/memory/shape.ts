import type { Fields } from "../items.ts";

type Padding = { readonly length: number; readonly char: string };
type Attribute = {
  readonly type: unknown;
  readonly required?: boolean;
  readonly readOnly?: boolean;
  readonly padding?: Padding;
  readonly set?: (value: unknown) => unknown;
  readonly get?: (value: unknown) => unknown;
};
type Facet = { readonly field: string; readonly composite: readonly string[] };
type Index = { readonly index?: string; readonly pk: Facet; readonly sk: Facet };

/** What ElectroDB is told of an entity. */
export type Description = {
  readonly model: { readonly service: string; readonly entity: string; readonly version: string };
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly indexes: Readonly<Record<string, Index>> & { readonly primary: Index };
};

/** Writes the keys of an access pattern for given attributes, as ElectroDB does. */
export type WriteKeys = (pattern: string, attributes: object) => Fields;

const mark = "\u0001";
/** Longer than any attribute is padded to. */
const markedLength = 40;

/** A value as the table holds it: nothing that is undefined, and no instance of `Map`. */
const settled = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(settled);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(
    entries.flatMap(([name, each]) => (each === undefined ? [] : [[name, settled(each)]])),
  );
};

const isOfType = ({ type }: Attribute, value: unknown): boolean => {
  if (value === null) return false;
  if (Array.isArray(type)) return type.includes(value);
  const isSimple = type === "string" || type === "number" || type === "boolean";
  return !isSimple || typeof value === type;
};

/** What the items of an entity are like: their keys, and their attributes as they are stored. */
export const shapeOf = ({ model, attributes, indexes }: Description, writeKeys: WriteKeys) => {
  const marks = Object.fromEntries(
    Object.keys(attributes).map((name) => [name, `${mark}${name.padEnd(markedLength)}${mark}`]),
  );
  const textOf = (name: string, given: Fields): string => {
    const { padding } = attributes[name] ?? {};
    const text = String(given[name]);
    return padding ? text.padStart(padding.length, padding.char) : text;
  };
  /** How a key is written: text and names of attributes, in turns. A native key is an attribute. */
  const partsOf = (pattern: string, { field }: Facet): readonly string[] | undefined =>
    attributes[field]
      ? undefined
      : String(writeKeys(pattern, marks)[field])
          .split(mark)
          .map((part) => part.trimEnd());
  const keys = Object.entries(indexes).flatMap(([pattern, { pk, sk }]) =>
    [pk, sk].map((facet) => ({ pattern, ...facet, parts: partsOf(pattern, facet) })),
  );
  const written = ({ parts = [] }: (typeof keys)[number], given: Fields): string =>
    parts.map((part, place) => (place % 2 === 0 ? part : textOf(part, given))).join("");
  const [pk, sk] = keys.filter(({ pattern }) => pattern === "primary") as [
    (typeof keys)[number],
    (typeof keys)[number],
  ];
  const ownFields = { __edb_e__: model.entity, __edb_v__: model.version } as const;

  const checked = (name: string, value: unknown): unknown => {
    const attribute = attributes[name] as Attribute;
    const stored = attribute.set ? attribute.set(value) : value;
    if (stored !== undefined && !isOfType(attribute, stored))
      throw new Error(`${model.entity}.${name} cannot be ${JSON.stringify(value)}`);
    return settled(stored);
  };

  return {
    entity: model.entity,
    keyOf: (given: Fields) => ({ pk: written(pk, given), sk: written(sk, given) }),
    /** How the sort keys of all items of this entity in a partition begin. */
    skPrefix: sk.parts?.[0] ?? "",
    /** Its keys, which every write sets, and whose item it is. */
    identity: (given: Fields): Fields => ({
      ...Object.fromEntries([...pk.composite, ...sk.composite].map((name) => [name, given[name]])),
      ...ownFields,
    }),
    /** The whole item, under its keys and those of the indexes that it is in. */
    itemOf: (given: Fields): Fields => {
      const item: Record<string, unknown> = {};
      for (const name in attributes) {
        const value = given[name] === undefined ? undefined : checked(name, given[name]);
        if (value !== undefined) item[name] = value;
        else if (attributes[name]?.required) throw new Error(`${model.entity} needs its ${name}`);
      }
      for (const key of keys)
        if (key.parts && key.composite.every((name) => item[name] !== undefined))
          item[key.field] = written(key, item);
      return Object.assign(item, ownFields);
    },
    /** What an update may set. */
    changed: (given: Fields): Fields => {
      const entries = Object.entries(given).flatMap(([name, value]) => {
        if (value === undefined) return [];
        if (!attributes[name] || attributes[name].readOnly)
          throw new Error(`${model.entity}.${name} is not to be set`);
        return [[name, checked(name, value)]];
      });
      return Object.fromEntries(entries);
    },
    /** An item as it is given to the product; nothing if it is another kind of item. */
    dataOf: (item: Fields | undefined): Fields | null => {
      if (!item || item["__edb_e__"] !== model.entity || item["__edb_v__"] !== model.version)
        return null;
      const data: Record<string, unknown> = {};
      for (const name in attributes) {
        const value = item[name];
        if (value === undefined) continue;
        const { get } = attributes[name] as Attribute;
        data[name] = get ? get(value) : value;
      }
      return data;
    },
  };
};
export type Shape = ReturnType<typeof shapeOf>;

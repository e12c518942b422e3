import type { Operation } from "./level-db.ts";

type Item = object;
/** An item as dynalite keeps it: by attribute, the type and the value. */
type Attributes = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

type Index = {
  readonly IndexName: string;
  readonly KeySchema: readonly { readonly AttributeName: string }[];
  readonly Projection: { readonly ProjectionType: string };
};
type Indexes = readonly Index[];

type IndexAction = { readonly index: string; readonly key: string; readonly item?: Item };
/** A table as dynalite describes it. */
export type IndexedTable = {
  readonly TableName: string;
  readonly LocalSecondaryIndexes?: Indexes;
  readonly GlobalSecondaryIndexes?: Indexes;
};

/** As much of dynalite's inner module as is used here. */
export type IndexModule = {
  readonly getIndexActions: (
    indexes: Indexes,
    before: Item | undefined,
    item: Item | undefined,
    table: IndexedTable,
  ) => { readonly puts: readonly IndexAction[]; readonly deletes: readonly IndexAction[] };
};

/** Returns the write of a value that is text already. */
export const putOf = (key: string, value: string): Operation => ({
  ...{ type: "put", key, value },
  valueEncoding: "utf8",
});

/** Tells whether an index has the same entry for two items with one key. */
const isUnchanged = (
  { KeySchema, Projection }: Index,
  before: Attributes | undefined,
  item: Attributes | undefined,
): boolean =>
  Projection.ProjectionType === "KEYS_ONLY" &&
  KeySchema.every(
    ({ AttributeName: name }) => JSON.stringify(before?.[name]) === JSON.stringify(item?.[name]),
  );

/** Returns what is written into the indexes of a table when an item takes the place of another. */
export const indexWritesOf = (
  { getIndexActions }: IndexModule,
  table: IndexedTable,
  before: Item | undefined,
  item: Item | undefined,
): readonly Operation[] =>
  (["Local", "Global"] as const).flatMap((kind) => {
    const indexes = table[`${kind}SecondaryIndexes`] ?? [];
    const changed = indexes.filter(
      (index) => !isUnchanged(index, before as Attributes, item as Attributes),
    );
    if (changed.length === 0) return [];
    const { puts, deletes } = getIndexActions(changed, before, item, table);
    const keyOf = ({ index, key }: IndexAction): string =>
      `index-${kind.toLowerCase()}~${table.TableName}~${index}~${key}`;
    return [
      ...deletes.map((each): Operation => ({ type: "del", key: keyOf(each) })),
      ...puts.map((each) => putOf(keyOf(each), JSON.stringify(each.item))),
    ];
  });

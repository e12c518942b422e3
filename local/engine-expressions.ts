import { LRUCache } from "lru-cache";

type Names = Readonly<Record<string, string>>;
type Values = Readonly<Record<string, object>>;
type Unused = Record<string, true>;
type Context = {
  readonly attrNames?: Names | undefined;
  readonly attrVals?: Values | undefined;
  readonly unusedAttrNames: Unused;
  readonly unusedAttrVals: Unused;
  readonly isKeyCondition?: boolean;
};
/** A parser of expressions of dynalite: of conditions, or of updates. */
export type ExpressionParser = {
  parse: (text: string, options: { readonly context: Context }) => unknown;
};

/** A parsed expression, in which `slots` are the places of values, by the names of these. */
type Prepared = {
  readonly tree: unknown;
  readonly slots: ReadonlyMap<unknown, string>;
  readonly usedNames: readonly string[];
  readonly usedValues: readonly string[];
};

/** Postrider has some thirty expressions; a filter of a list makes more. */
const preparedMax = 500;

/** What a parser judges by a value itself, and not only by the type of it. */
const dependsOnValues = /between|attribute_type/i;

const allOf = (record: object = {}): Unused =>
  Object.fromEntries(Object.keys(record).map((name) => [name, true]));

const leftOut = (record: object = {}, unused: Unused): readonly string[] =>
  Object.keys(record).filter((name) => !unused[name]);

/** Returns a copy of a tree for one call, which may change it. */
const filled = (node: unknown, { slots }: Prepared, values: Values): unknown => {
  const copy = (each: unknown): unknown => {
    if (typeof each !== "object" || each === null) return each;
    const name = slots.get(each);
    if (name !== undefined) return values[name];
    if (Array.isArray(each)) return each.map(copy);
    const copied: Record<string, unknown> = {};
    for (const member in each) copied[member] = copy((each as Record<string, unknown>)[member]);
    return copied;
  };
  return copy(node);
};

const prepare = (parse: ExpressionParser["parse"], text: string, context: Context): Prepared => {
  const { attrNames, attrVals = {} } = context;
  // Stand-ins of the same types, so that no value is kept.
  const standIns = Object.fromEntries(
    Object.entries(attrVals).map(([name, value]) => {
      const [type = "", own] = Object.entries(value)[0] ?? [];
      const empty = type === "L" ? [] : type === "M" ? {} : own;
      return [name, { [type]: typeof own === "string" ? "" : empty }];
    }),
  );
  const [unusedAttrNames, unusedAttrVals] = [allOf(attrNames), allOf(attrVals)];
  const tree = parse(text, {
    context: { ...context, attrVals: standIns, unusedAttrNames, unusedAttrVals },
  });
  return {
    tree,
    slots: new Map(Object.entries(standIns).map(([name, value]) => [value, name])),
    usedNames: leftOut(attrNames, unusedAttrNames),
    usedValues: leftOut(attrVals, unusedAttrVals),
  };
};

/**
 * Makes a parser remember what it has parsed. The same expression comes with each message, and only
 * its values differ. One that is refused is parsed each time.
 */
export const rememberExpressions = (parser: ExpressionParser): void => {
  const parse = parser.parse;
  const remembered = new LRUCache<string, Prepared>({ max: preparedMax });
  parser.parse = (text, options) => {
    const { context } = options;
    if (dependsOnValues.test(text)) return parse(text, options);
    const { attrNames, attrVals = {}, isKeyCondition = false } = context;
    const types = Object.entries(attrVals).map(([name, value]) => [name, Object.keys(value)[0]]);
    const key = JSON.stringify([text, isKeyCondition, attrNames, types]);
    let prepared = remembered.get(key);
    if (!prepared) {
      prepared = prepare(parse, text, context);
      remembered.set(key, prepared);
    }
    for (const name of prepared.usedNames) delete context.unusedAttrNames[name];
    for (const name of prepared.usedValues) delete context.unusedAttrVals[name];
    return filled(prepared.tree, prepared, attrVals);
  };
};

import type { Fields } from "../items.ts";

/** What the placeholders of an expression stand for. */
export type Placeholders = {
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, unknown>>;
};
type Condition = (item: Fields, placeholders: Placeholders) => boolean;
type Operand = (item: Fields, placeholders: Placeholders) => unknown;

const tokens = /\s*([(),]|<=|>=|<>|[=<>]|[#:\w]+)/y;

const tokensOf = (text: string): string[] => {
  const found: string[] = [];
  tokens.lastIndex = 0;
  for (let match = tokens.exec(text); match; match = tokens.exec(text)) {
    found.push(String(match[1]));
    if (tokens.lastIndex === text.length) return found;
  }
  throw new Error(`Not understood here: ${text}`);
};

const isComparable = (one: unknown, other: unknown): boolean =>
  typeof one === typeof other && one !== null && other !== null;

/** Values that can be compared here: texts, numbers and booleans. Of another type is not equal. */
const comparisons: Readonly<Record<string, (one: never, other: never) => boolean>> = {
  "=": (one, other) => one === other,
  "<>": (one, other) => one !== other,
  "<": (one, other) => isComparable(one, other) && one < other,
  "<=": (one, other) => isComparable(one, other) && one <= other,
  ">": (one, other) => isComparable(one, other) && one > other,
  ">=": (one, other) => isComparable(one, other) && one >= other,
};

const operandOf = (token: string): Operand => {
  if (token.startsWith(":")) return (_, { values }) => values?.[token];
  if (token.startsWith("#")) return (item, { names }) => item[names?.[token] ?? ""];
  return (item) => item[token];
};

const functions: Readonly<Record<string, (given: readonly Operand[]) => Condition>> = {
  attribute_exists:
    ([at]) =>
    (item, placeholders) =>
      at?.(item, placeholders) !== undefined,
  attribute_not_exists:
    ([at]) =>
    (item, placeholders) =>
      at?.(item, placeholders) === undefined,
  begins_with:
    ([at, prefix]) =>
    (item, placeholders) =>
      String(at?.(item, placeholders)).startsWith(String(prefix?.(item, placeholders))),
};

/** Reads a condition by the grammar of DynamoDB: OR binds less than AND. */
const parserOf = (rest: string[]) => {
  const take = (expected?: string): string => {
    const token = rest.shift() ?? "";
    if (expected !== undefined && token !== expected) throw new Error(`${token}: no ${expected}`);
    return token;
  };
  const called = (name: string): Condition => {
    const given: Operand[] = [];
    for (take("("); rest[0] !== ")"; ) {
      given.push(operandOf(take()));
      if (rest[0] === ",") take();
    }
    take(")");
    const known = functions[name];
    if (!known) throw new Error(`Nobody knows ${name} here`);
    return known(given);
  };
  const compared = (left: Operand): Condition => {
    const operator = take();
    const right = operandOf(take());
    if (operator !== "BETWEEN") {
      const compare = comparisons[operator] as (one: unknown, other: unknown) => boolean;
      return (item, at) => compare(left(item, at), right(item, at));
    }
    take("AND");
    const upTo = operandOf(take());
    const isAtMost = comparisons["<="] as (one: unknown, other: unknown) => boolean;
    return (item, at) =>
      isAtMost(right(item, at), left(item, at)) && isAtMost(left(item, at), upTo(item, at));
  };
  const single = (): Condition => {
    if (rest[0] === "(") {
      take();
      const inner = any();
      take(")");
      return inner;
    }
    const token = take();
    return rest[0] === "(" ? called(token) : compared(operandOf(token));
  };
  const all = (): Condition => {
    const parts = [single()];
    while (rest[0] === "AND") {
      take();
      parts.push(single());
    }
    return (item, at) => parts.every((part) => part(item, at));
  };
  const any = (): Condition => {
    const parts = [all()];
    while (rest[0] === "OR") {
      take();
      parts.push(all());
    }
    return (item, at) => parts.some((part) => part(item, at));
  };
  return () => {
    const condition = any();
    if (rest.length > 0) throw new Error(`Left over: ${rest.join(" ")}`);
    return condition;
  };
};

/** Postrider has some thirty expressions. */
const known = new Map<string, Condition>();

/** Tells whether an item meets a condition, or a key condition, in DynamoDB's notation. */
export const meetsExpression = (
  text: string,
  item: Fields,
  placeholders: Placeholders,
): boolean => {
  const condition = known.get(text) ?? parserOf(tokensOf(text))();
  known.set(text, condition);
  return condition(item, placeholders);
};

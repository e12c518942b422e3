import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type Fields, plainOf } from "../items.ts";
import { meetsExpression, type Placeholders } from "./expressions.ts";
import { type Input, keyOf, placeholdersOf, rawOnce } from "./notation.ts";
import { requestOfTable } from "./requests.ts";

/** The clauses of an update by their keywords, each as the words of its parts. */
const clausesOf = (text: string): ReadonlyMap<string, readonly (readonly string[])[]> => {
  const pieces = text.split(/\b(SET|ADD|REMOVE) /).slice(1);
  const clauses = new Map<string, readonly (readonly string[])[]>();
  for (let at = 0; at < pieces.length; at += 2) {
    const parts = (pieces[at + 1] ?? "").split(",").map((part) => part.trim());
    clauses.set(
      String(pieces[at]),
      parts.map((part) => part.split(/[ =]+/)),
    );
  }
  return clauses;
};
const known = new Map<string, ReturnType<typeof clausesOf>>();

/** An item after an update: "SET #a = :a, #b = :b ADD #c :c REMOVE #d". */
const updated = (item: Fields, text: string, { names, values }: Placeholders): Fields => {
  const clauses = known.get(text) ?? clausesOf(text);
  known.set(text, clauses);
  const next: Record<string, unknown> = { ...item };
  const nameOf = (name = ""): string => names?.[name] ?? name;
  for (const [name, value] of clauses.get("SET") ?? []) next[nameOf(name)] = values?.[value ?? ""];
  for (const [name, value] of clauses.get("ADD") ?? [])
    next[nameOf(name)] = Number(next[nameOf(name)] ?? 0) + Number(values?.[value ?? ""]);
  for (const [name] of clauses.get("REMOVE") ?? []) delete next[nameOf(name)];
  return next;
};

/** Makes a put or an update. Throws what the SDK throws if its condition does not hold. */
export const write = async (operation: "PutItem" | "UpdateItem", input: Input): Promise<object> => {
  const { ConditionExpression: condition, UpdateExpression: update = "" } = input;
  const key = keyOf(input.Key ?? input.Item);
  const put = input.Item && plainOf(input.Item);
  const isOldItemAsked = input.ReturnValuesOnConditionCheckFailure !== undefined;
  const kind = put && String(put["__edb_e__"]);
  const request = { operation, ...key, ...(kind && { kind }), isOldAllowed: false, isOldItemAsked };
  const placeholders = placeholdersOf(input);
  const { refused, old } = await requestOfTable(request, (table, { isOldItemShown }) => {
    const item = table.get(key, 0);
    const isMet = condition === undefined || meetsExpression(condition, item ?? {}, placeholders);
    if (isMet) table.write(key, put ?? updated(item ?? { ...key }, update, placeholders));
    const isShown = isMet ? input.ReturnValues === "ALL_OLD" : isOldItemAsked && isOldItemShown;
    return { refused: !isMet, old: isShown && item ? rawOnce(item) : undefined };
  });
  if (!refused) return old ? { Attributes: old } : {};
  throw new ConditionalCheckFailedException({
    ...{ message: "The conditional request failed", $metadata: { httpStatusCode: 400 } },
    ...(old && { Item: old as never }),
  });
};

/** Values as they are on the wire: nothing here reads them. */
type Item = Record<string, unknown>;
type Operation = {
  readonly TableName: string;
  readonly Item?: Item;
  readonly Key?: Item;
  readonly ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
};
export type Transaction = {
  readonly TransactItems: readonly Readonly<Record<string, Operation>>[];
  readonly ClientRequestToken?: string;
};
/** An answer of the engine. */
export type Answer = { readonly status: number; readonly body: Record<string, unknown> };
/** Calls the engine itself. */
export type Call = (name: string, input: object) => Promise<Answer>;
/** An operation that was carried out, or refused. `old` is the item before it. */
type Done = {
  readonly operation: Operation;
  readonly key: Item;
  readonly isCheck: boolean;
  readonly answer: Answer;
  readonly old: Item | undefined;
};

const entriesMax = 100;

export const errorOf = (type: string, more: object): Answer => ({
  status: 400,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${type}`, ...more },
});

const isRefused = ({ status, body }: Answer): boolean =>
  status !== 200 && String(body["__type"]).endsWith("#ConditionalCheckFailedException");

const getOf = async (call: Call, TableName: string, Key: Item): Promise<Item | undefined> => {
  const { body } = await call("GetItem", { TableName, Key, ConsistentRead: true });
  return body["Item"] as Item | undefined;
};

/** Carries out one entry by itself. A check writes its item as it is, or a stub, and is undone. */
const carryOut = async (
  call: Call,
  keyOf: (operation: Operation) => Promise<Item>,
  [kind = "", operation]: readonly [string, Operation],
): Promise<Done> => {
  const { ReturnValuesOnConditionCheckFailure: _, ...input } = operation;
  const key = await keyOf(operation);
  const old = await getOf(call, operation.TableName, key);
  const isCheck = kind === "ConditionCheck";
  const { Key: __, ...check } = input;
  const answer = await (isCheck
    ? call("PutItem", { ...check, Item: old ?? key })
    : call(`${kind}Item`, input));
  return { operation, key, isCheck, answer, old };
};

const undo = async (call: Call, { operation, key, old }: Done): Promise<void> => {
  const { TableName } = operation;
  await (old
    ? call("PutItem", { TableName, Item: old })
    : call("DeleteItem", { TableName, Key: key }));
};

const reasonOf = ({ answer, operation, old }: Done): object => {
  if (!isRefused(answer)) return { Code: "None" };
  const isAsked = operation.ReturnValuesOnConditionCheckFailure === "ALL_OLD";
  return {
    Code: "ConditionalCheckFailed",
    Message: "The conditional request failed",
    ...(isAsked && old && { Item: old }),
  };
};

const cancelled = (done: readonly Done[]): Answer => {
  const reasons = done.map(reasonOf);
  const codes = reasons.map((reason) => (reason as { Code: string }).Code).join(", ");
  return errorOf("TransactionCanceledException", {
    Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    CancellationReasons: reasons,
  });
};

/**
 * Carries out all entries or none. An item is in one entry only, so each condition is judged by the
 * items as they were before the transaction, although the entries follow one another.
 */
export const transact = async (call: Call, { TransactItems }: Transaction): Promise<Answer> => {
  const keyNames = new Map<string, Promise<readonly string[]>>();
  const readKeyNames = async (TableName: string): Promise<readonly string[]> => {
    const { body } = await call("DescribeTable", { TableName });
    const { KeySchema } = body["Table"] as { KeySchema: readonly { AttributeName: string }[] };
    return KeySchema.map(({ AttributeName }) => AttributeName);
  };
  const keyOf = async ({ TableName, Key, Item = {} }: Operation): Promise<Item> => {
    const names = keyNames.get(TableName) ?? readKeyNames(TableName);
    keyNames.set(TableName, names);
    return Key ?? Object.fromEntries((await names).map((name) => [name, Item[name]]));
  };
  const operations = TransactItems.flatMap((entry) => Object.entries(entry));
  const items = await Promise.all(
    operations.map(async ([, each]) => JSON.stringify([each.TableName, await keyOf(each)])),
  );
  if (operations.length > entriesMax || new Set(items).size < items.length)
    return errorOf("ValidationException", {
      message: "Too many entries, or multiple operations on one item",
    });

  const done: Done[] = [];
  for (const operation of operations) done.push(await carryOut(call, keyOf, operation));
  const failed = done.filter(({ answer }) => answer.status !== 200);
  for (const each of done)
    if (each.answer.status === 200 && (each.isCheck || failed.length > 0)) await undo(call, each);
  const other = failed.find(({ answer }) => !isRefused(answer));
  if (other) return other.answer;
  return failed.length > 0 ? cancelled(done) : { status: 200, body: {} };
};

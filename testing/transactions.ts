import type { EngineCall } from "../adapters/engine-call.ts";
import { type Answer, type Call, errorOf, type Transaction, transact } from "./transact.ts";

/** Remembers what committed under a token, as DynamoDB does for ten minutes. */
const idempotently = () => {
  const committed = new Map<string, string>();
  return async (asked: Transaction, run: () => Promise<Answer>): Promise<Answer> => {
    const { ClientRequestToken: token = "", TransactItems } = asked;
    const content = JSON.stringify(TransactItems);
    const before = committed.get(token);
    if (before === content) return { status: 200, body: {} };
    if (before !== undefined)
      return errorOf("IdempotentParameterMismatchException", { Message: "Another transaction" });
    const answer = await run();
    if (answer.status === 200 && token !== "") committed.set(token, content);
    return answer;
  };
};

/**
 * Gives an embedded DynamoDB what it lacks: `TransactWriteItems`. One transaction at a time, and no
 * other call while it is under way, so that nobody sees a part of it. For tests, in memory: a
 * process that is killed in the middle of one would leave a part. No conflicts of transactions.
 */
export const withTransactions = (engine: EngineCall): EngineCall => {
  const once = idempotently();
  const underWay = new Set<Promise<unknown>>();
  let last: Promise<unknown> = Promise.resolve();
  // The engine may change its input.
  const call: Call = async (name, input) => {
    const { statusCode, body } = await engine(name, structuredClone(input));
    return { status: statusCode, body: { ...body } };
  };
  const commit = async (asked: Transaction) => {
    await Promise.all(underWay);
    const { status, body } = await once(asked, () => transact(call, asked));
    return { statusCode: status, body };
  };
  return async (operation, input) => {
    if (operation === "TransactWriteItems") {
      const committed = last.then(() => commit(input as Transaction));
      last = committed.catch(() => {});
      return committed;
    }
    // No new ones begin during a transaction; it waits for those that have begun.
    await last;
    const answer = engine(operation, input);
    const ended: Promise<boolean> = answer.then(
      () => underWay.delete(ended),
      () => underWay.delete(ended),
    );
    underWay.add(ended);
    return answer;
  };
};

import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { plainOf } from "../items.ts";
import type { Transact, Transaction } from "../transactions.ts";
import { requestOfTable } from "./requests.ts";

/** The transactions of the run that is going on. */
let transact: Transact | undefined;
export const enterTransactions = (own: Transact): void => {
  transact = own;
};
let tokens = 0;

/** Makes a transaction. Throws what the SDK throws if it is cancelled. */
export const transactWrite = async (input: Transaction): Promise<object> => {
  const { pk } = plainOf(input.TransactItems.at(-1)?.Put.Item ?? {});
  const request = { operation: "TransactWriteItems", pk: String(pk) };
  tokens += 1;
  // As the SDK does: each try of one call has the same.
  const asked = { ClientRequestToken: `token-${tokens}`, ...input };
  const flags = { isOldAllowed: false, isOldItemAsked: false };
  const reasons = await requestOfTable({ ...request, ...flags }, () => transact?.(asked));
  if (!reasons) return {};
  throw new TransactionCanceledException({
    ...{ message: "Transaction cancelled", $metadata: { httpStatusCode: 400 } },
    CancellationReasons: [...reasons],
  });
};

import type { Context } from "hono";
import { type Changing, type RecordedDeps, recordedChange } from "../senders/recorded-change.ts";
import type { ApiEnv } from "./env.ts";

/** Makes a change of a sender, of which it stores before which operator made it, and from where. */
export const manage = <Result>(
  deps: RecordedDeps,
  context: Context<ApiEnv>,
  what: Omit<Changing, "keyId" | "address">,
  act: () => Promise<Result>,
): Promise<Result> => {
  const { operator } = context.var;
  if (!operator) throw new Error("Only an operator changes a sender");
  const { keyId, address } = operator;
  const by = { keyId, ...(address !== undefined && { address }) };
  return recordedChange(deps, { ...what, ...by }, act);
};

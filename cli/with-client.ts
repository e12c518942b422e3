import type { Command } from "commander";
import { type Call, caller } from "../client/call.ts";
import { PostriderError } from "../client/error.ts";
import { type Postrider, postriderOver } from "../client/postrider.ts";
import { type Connection, findConnection } from "./connection.ts";
import { Failed } from "./failed.ts";
import type { Io } from "./io.ts";
import { commonOf } from "./options.ts";
import { failureOf } from "./problem.ts";

/** What a command of a sender works with. */
export type WithClient = {
  readonly client: Postrider;
  readonly connection: Connection;
  /** Passed to each call, so that Ctrl-C ends it. */
  readonly stoppable: { readonly signal: AbortSignal };
};

/** What a command of an operator works with. */
export type WithOperator = Omit<WithClient, "client"> & { readonly call: Call };

const noKey = ({ url, from }: Connection, whose: "a sender" | "an operator"): Failed =>
  new Failed({
    kind: "usage",
    what: `There is no API key of ${whose} for ${url} (${from}).`,
    next: "Set POSTRIDER_KEY, or keep the key in a profile: see postrider profiles add --help.",
  });

/** What is to be done about a request that is not safe to repeat, if it got no answer. */
type Once = { readonly ifUnanswered?: string };

/** Runs what a command does, and throws a problem of the service as a failure of the command. */
const translating = async (
  url: string,
  { ifUnanswered }: Once,
  work: () => Promise<void>,
): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof PostriderError)) throw error;
    const failure = failureOf(error, url);
    const next = failure.kind === "notDone" ? (ifUnanswered ?? failure.next) : failure.next;
    throw new Failed({ ...failure, next });
  }
};

/** Runs what a command does with a client of the sender that its options mean. */
export const withClient = async (
  io: Io,
  command: Command,
  work: (given: WithClient) => Promise<void>,
): Promise<void> => {
  const connection = await findConnection(io.environment, commonOf(command));
  const { url, key, senderId = "" } = connection;
  if (key === undefined) throw noKey(connection, "a sender");
  const client = postriderOver(io)({ url, key, senderId });
  const stoppable = { signal: io.interrupted };
  await translating(url, {}, () => work({ client, connection, stoppable }));
};

/**
 * Runs what a command does with the key of an operator. With `ifUnanswered` no request is repeated:
 * that would make another key, say.
 */
export const withOperator = async (
  io: Io,
  command: Command,
  work: (given: WithOperator) => Promise<void>,
  once: Once = {},
): Promise<void> => {
  const connection = await findConnection(io.environment, commonOf(command));
  const { url, operatorKey } = connection;
  if (operatorKey === undefined) throw noKey(connection, "an operator");
  const requestsMax = once.ifUnanswered === undefined ? undefined : 1;
  const call = caller(io, { url, key: operatorKey, requestsMax });
  const stoppable = { signal: io.interrupted };
  await translating(url, once, () => work({ call, connection, stoppable }));
};

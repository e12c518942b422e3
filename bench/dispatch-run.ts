/**
 * The process of one dispatcher, as `bench/dispatch.ts` starts it: with the environment of the
 * function, and from the file that its bundle is made of. Its log goes to standard output, which
 * nobody reads.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoDbClient } from "../adapters/clients.ts";
import { systemClock } from "../adapters/clock.ts";
import { environment } from "../adapters/environment.ts";
import { inTurn } from "../adapters/in-turn.ts";
import { limits } from "../domain/limits.ts";
import type { Message } from "../domain/message.ts";
import { messageStore } from "../entities/message.ts";
import { handler } from "../handlers/lambda/dispatcher.ts";

/** What to do: run the dispatcher, or make nothing but its writes, one for each message. */
export type Work =
  | { readonly kind: "dispatch"; readonly shards?: readonly number[] }
  | { readonly kind: "writes"; readonly messages: readonly Message[] };

/** How long it took, and how much of a processor. */
export type Took = { readonly wallMs: number; readonly processorMs: number };

const timeoutMs = 600_000;

const dispatch = (shards: readonly number[] | undefined): Promise<void> => {
  const endsAt = systemClock() + timeoutMs;
  const getRemainingTimeInMillis = () => endsAt - systemClock();
  return handler({ shards }, { getRemainingTimeInMillis });
};

const write = async (client: DynamoDBClient, due: readonly Message[]): Promise<void> => {
  const messages = messageStore({ client, table: environment()["POSTRIDER_TABLE"] ?? "" });
  const take = inTurn(limits.dispatchCallsMax);
  const now = systemClock();
  const set = { dueAt: now + 120_000 };
  await Promise.all(due.map((seen) => take(() => messages.enqueue(seen, { now, seen, set }))));
};

const client = dynamoDbClient();
process.on("message", async (work: Work) => {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  await (work.kind === "dispatch" ? dispatch(work.shards) : write(client, work.messages));
  const { user, system } = process.cpuUsage(before);
  const took: Took = {
    wallMs: performance.now() - startedAt,
    processorMs: (user + system) / 1000,
  };
  process.send?.(took);
});
process.send?.("ready");

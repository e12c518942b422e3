import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { EngineCall } from "../adapters/engine-call.ts";
import type { Fetch } from "../client/outside.ts";
import { messageStore } from "../entities/message.ts";
import { compose } from "../handlers/compose.ts";
import { targetPolicyOf } from "../handlers/target-policy.ts";
import { openQueues } from "../local/queues.ts";
import { msOf, type Span } from "./duration.ts";
import { needingEngine } from "./engine.ts";
import { itemsOf } from "./items.ts";
import { type TestNetwork, testNetwork } from "./network.ts";
import { readOptions, type TestPostriderOptions } from "./options.ts";
import {
  collectFailures,
  countingChance,
  noMetrics,
  oneAtATime,
  stoppingQueue,
  type TestFailure,
  testVault as vault,
} from "./outside.ts";
import { runnerOf, visibilityMs } from "./run.ts";
import { senderMaker, type TestSender } from "./senders.ts";
import type { TestTable } from "./table.ts";
import { virtualTime } from "./time.ts";

/** A Postrider in this process, whose clock stands still until `advance`. */
export type TestPostrider = TestSender & {
  /** The time, in epoch milliseconds. */
  readonly now: () => number;
  /**
   * Moves the clock, and runs whatever is due in between, in order: deliveries, retries, the
   * dispatcher. Resolves when all has ended that can end by then. Without a span it runs what is due
   * now. Throws what a receiver's function threw.
   */
  readonly advance: (by?: Span) => Promise<void>;
  readonly receiver: TestNetwork["receiver"];
  /** Creates another sender. */
  readonly addSender: ReturnType<typeof senderMaker>;
  /** Sends a request to the HTTP interface; only path and query of the URL count. */
  readonly fetch: Fetch;
  readonly table: Omit<TestTable, "stop">;
  /** What went wrong in Postrider itself, the oldest first. */
  readonly failures: readonly TestFailure[];
  readonly stop: () => Promise<void>;
};

/** As deployed. */
const receivesMax = 5;

type Api = { readonly request: (path: string, init: RequestInit) => Response | Promise<Response> };

const fetchOf =
  (api: Api): Fetch =>
  async (url, { signal: _, ...init }) => {
    const { pathname, search } = new URL(url);
    return api.request(`${pathname}${search}`, init);
  };

/**
 * Starts the handlers of Postrider over a table and a queue in memory, and a network of receivers in
 * this process. No socket, no file, no sleep; the same test does the same each time. Throws an error
 * that names every fault of the options.
 */
export const startTestPostrider = async (
  options: TestPostriderOptions = {},
): Promise<TestPostrider> => {
  const settings = readOptions(options);
  const time = virtualTime(settings.startAt);
  const { embedTable } = await needingEngine(() => import("./embedded.ts"));
  const observe =
    (call: EngineCall): EngineCall =>
    (operation, input) =>
      time.during(() => call(operation, input));
  const { client, table, stop } = await embedTable("postrider", observe);
  return { ...(await composed({ client, table }, time, settings)), stop };
};

type Storage = { readonly client: DynamoDBClient; readonly table: string };

const composed = async (
  storage: Storage,
  time: ReturnType<typeof virtualTime>,
  { senderId, handlers: settings }: ReturnType<typeof readOptions>,
): Promise<Omit<TestPostrider, "stop">> => {
  const clock = time.now;
  const { queue, records, deadLetters } = openQueues({ clock, visibilityMs, receivesMax });
  const network = testNetwork(time, targetPolicyOf(settings));
  const { log, failures } = collectFailures();
  const outside = {
    storage,
    queue: stoppingQueue(queue, time),
    post: network.post,
    vault,
    log,
    clock,
  };
  const handlers = compose(
    { ...outside, metrics: noMetrics, sleep: time.wait, chance: countingChance() },
    settings,
  );
  const run = runnerOf({
    ...{ time, records, deadLetters, messages: messageStore(storage), shards: settings.shards },
    worker: handlers.worker(),
    deadLetter: handlers.deadLetter(),
    dispatcher: handlers.dispatcher(),
  });
  const fetch = fetchOf(handlers.api());
  const addSender = senderMaker({ storage, vault, clock, fetch });
  const alone = oneAtATime();
  return {
    ...(await addSender(senderId)),
    ...{ now: clock, receiver: network.receiver, addSender, fetch, failures },
    advance: async (by = 0) => {
      const until = clock() + msOf(by);
      await alone(() => run(until));
    },
    table: { ...storage, items: (index) => itemsOf(storage, index) },
  };
};

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Hono } from "hono";
import { systemChance } from "../adapters/chance.ts";
import { inProcessClient } from "../adapters/clients.ts";
import { systemClock, systemSleep } from "../adapters/clock.ts";
import { guardedPost } from "../adapters/http.ts";
import { noMetrics } from "../adapters/metrics.ts";
import { openTracing } from "../adapters/open-tracing.ts";
import {
  type OperatorAccess,
  operatorFile,
  writeOperatorAccess,
} from "../adapters/operator-file.ts";
import { writePrivately } from "../adapters/private-file.ts";
import type { SettingsOf } from "../adapters/read-settings.ts";
import { keyIdOf, masterKeyVault } from "../adapters/vault.ts";
import { limits } from "../domain/limits.ts";
import { messageStore } from "../entities/message.ts";
import type { Storage } from "../entities/storage.ts";
import type { ApiEnv } from "../handlers/api/env.ts";
import { compose } from "../handlers/compose.ts";
import { targetPolicyOf } from "../handlers/target-policy.ts";
import { prepareDataDir } from "./data-dir.ts";
import { type Demo, demoSender } from "./demo-sender.ts";
import { echo } from "./echo.ts";
import { ensureTable, startTable, table } from "./embedded-table.ts";
import { startHttpServer } from "./http-server.ts";
import { invocationContext } from "./invocation.ts";
import { masterKeys } from "./master-key.ts";
import { startPoller } from "./poller.ts";
import { openQueues, type Queues } from "./queues.ts";
import { requeueUnfinished } from "./requeue.ts";
import { shedding } from "./shed.ts";
import { signInLinks } from "./sign-in-links.ts";
import { startSweep } from "./sweep.ts";
import type { Outage } from "./table-repair.ts";
import type { TerminalLog } from "./terminal-log.ts";
import { startTicker } from "./ticker.ts";
import { inBackground } from "./tracing.ts";

/** The local edition as it runs. `stop` lets what is under way finish, for a few seconds at most. */
export type Edition = Demo & {
  readonly url: string;
  /** Signs in to the dashboard with the keys of the demo, once. */
  readonly signInUrl: string;
  readonly stop: () => Promise<void>;
};

type Deps = { readonly settings: SettingsOf<"local">; readonly log: TerminalLog };
type Stop = () => Promise<unknown>;
/** What has been started so far, and is to be stopped in the other order. */
type Stops = Stop[];

/** As on AWS: how long an invocation may take, and how often a record is received at most. */
const functionTimeoutMs = 60_000;
const receivesMax = 5;
const drainMs = 5000;
/** A page of the expired items a tick: slow, so that it is never in anybody's way. */
const sweepEveryMs = 10_000;
const sweepPageSize = 100;
/**
 * Starts everything over the data directory, in the order in which it is needed. If a part cannot
 * be started, those before it are stopped again.
 */
export const startEdition = async (deps: Deps): Promise<Edition> => {
  const stops: Stops = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const facts = await startParts(deps, stops);
    return { ...facts, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const startParts = async ({ settings, log }: Deps, stops: Stops) => {
  const dataDir = settings.dataDir;
  await prepareDataDir(dataDir);

  // The table first: it is what keeps a second process out of the data directory.
  const { engine, ...storage } = await openStorage(dataDir, log, stops);
  const keys = await masterKeys(settings);
  const vault = masterKeyVault(keys);
  const queues = await openQueue(settings);
  const target = targetPolicyOf(settings);
  const tracing = inBackground(
    await openTracing(settings, {
      ...{ clock: systemClock, sleep: systemSleep, chance: systemChance },
      ...{ log, metrics: noMetrics },
    }),
  );
  // After what ends before it has: what was under way ended spans.
  stops.push(tracing.ended);
  const links = signInLinks({ clock: systemClock, chance: systemChance });
  const handlers = compose(
    {
      invited: links.take,
      storage,
      queue: queues.queue,
      post: guardedPost({ policy: target, clock: systemClock }),
      vault,
      log,
      metrics: noMetrics,
      tracing,
    },
    settings,
  );

  const demo = await demoSender(storage, vault, dataDir, systemClock);
  const api = handlers.api();
  const take = shedding((request, bindings) => api.fetch(request, bindings), {
    requestsMax: limits.localRequestsMax,
    bodiesMax: limits.localBodiesMax,
  });
  // Not so the echo target: what is refused there would count as a failed attempt.
  const app = new Hono<ApiEnv>()
    .route("/", echo(log))
    .all("*", ({ req, env }) => take(req.raw, env));
  const server = await startHttpServer({ fetch: app.fetch, port: settings.port, drainMs });
  const pollers = startPollers(queues, handlers, log);
  const clocks = startClocks(settings, storage, handlers, log);
  const requeue = startRequeue(queues, storage, settings, log);
  // All at once: while one of them finishes what it has begun, the others begin nothing new.
  stops.push(() => Promise.all([server.stop(), pollers(), clocks(), requeue()]));

  const localFile = join(dataDir, "local.json");
  const { url } = server;
  const { apiKey, operatorKey } = demo;
  const link = () => `${url}/dashboard/sign-in?token=${links.make([apiKey, operatorKey])}`;
  // A link of its own: each is good once, and the other one is printed.
  const facts = { url, ...demo, signInUrl: link(), pid: process.pid };
  // First of all when stopping: whoever finds the files may rely on somebody being there. So too
  // where a start ends between the two.
  stops.push(() => rm(localFile, { force: true }));
  stops.push(() => rm(operatorFile(dataDir), { force: true }));
  await writeAccess(dataDir, { ...engine, table: storage.table }, keys);
  await writePrivately(localFile, `${JSON.stringify(facts, undefined, 2)}\n`);
  return { url, signInUrl: link(), ...demo };
};

/** Lets operators' commands on this machine work on the table, with the secret of this start. */
const writeAccess = (
  dataDir: string,
  engine: Omit<OperatorAccess, "masterKeyId">,
  [newest]: readonly Uint8Array[],
): Promise<void> =>
  writeOperatorAccess(dataDir, { ...engine, masterKeyId: newest ? keyIdOf(newest) : "" });

const openStorage = async (dataDir: string, log: TerminalLog, stops: Stops) => {
  const { stop, call, ...engine } = await startTable({ dataDir, onOutage: outageReport(log) });
  stops.push(stop);
  const client = inProcessClient(call);
  stops.push(async () => client.destroy());
  await ensureTable(client, table);
  return { client, table, inlineItemBytesMax: limits.localInlineItemBytesMax, engine };
};

const outageReport =
  (log: TerminalLog) =>
  (outage: Outage): void => {
    if (outage.kind === "ended") {
      log.note("The table can be written again.");
      return;
    }
    // LevelDB says at the end what the operating system said, such as that no space is left.
    const reason = (outage.error as Error).message?.split(": ").at(-1);
    const what = "the table cannot be written, and is tried again every second";
    log.failure(what, outage.error, { reason });
  };

const openQueue = async ({ leaseMs, clockMarginMs, dataDir }: SettingsOf<"local">) => {
  // Earlier versions kept their queue there. What its records pointed at is in the table.
  await rm(join(dataDir, "queue"), { recursive: true, force: true });
  return openQueues({ clock: systemClock, visibilityMs: leaseMs + clockMarginMs, receivesMax });
};

type Handlers = ReturnType<typeof compose>;

/** Lambda's part: the queue is polled for the worker, and the dead letters for their handler. */
const startPollers = (
  { records, deadLetters }: Queues,
  handlers: Handlers,
  log: TerminalLog,
): Stop => {
  const onError = (error: unknown) => log.failure("the queue was not served", error);
  const polled = { functionTimeoutMs, onError };
  const pollers = [
    startPoller({ ...polled, source: records, handler: handlers.worker() }),
    startPoller({ ...polled, source: deadLetters, handler: handlers.deadLetter() }),
  ];
  return () => Promise.all(pollers.map((poller) => poller.stop({ withinMs: drainMs })));
};

/** Sends what was on the queue when the last process ended, while everything is served already. */
const startRequeue = (
  { queue, records }: Queues,
  storage: Storage,
  { clockMarginMs, shards }: SettingsOf<"local">,
  log: TerminalLog,
): Stop => {
  const stopping = new AbortController();
  const { readyCount } = records;
  const onError = (error: unknown) => log.failure("unfinished messages were not read", error);
  const deps = { queue, readyCount, clock: systemClock, clockMarginMs, shards, onError };
  const sent = requeueUnfinished({ ...deps, messages: messageStore(storage) }, stopping.signal);
  const report = async (): Promise<void> => {
    const count = await sent;
    if (count > 0) log.note(`Went on with ${count} unfinished messages.`);
  };
  const reported = report();
  return () => {
    stopping.abort();
    return reported;
  };
};

/** The scheduler's part, and what DynamoDB does about items that have expired. */
const startClocks = (
  settings: SettingsOf<"local">,
  storage: Storage,
  handlers: Handlers,
  log: TerminalLog,
): Stop => {
  const dispatch = handlers.dispatcher();
  const time = { timeoutMs: functionTimeoutMs, clock: systemClock };
  const clocks = [
    startTicker({
      everyMs: settings.dispatchIntervalMs,
      run: (stopping) => dispatch({}, invocationContext({ ...time, stopping })),
      onError: (error) => log.failure("the dispatcher failed", error),
    }),
    startSweep({
      ...storage,
      clock: systemClock,
      everyMs: sweepEveryMs,
      pageSize: sweepPageSize,
      onError: (error) => log.failure("expired items were not removed", error),
    }),
  ];
  return () => Promise.all(clocks.map((clock) => clock.stop()));
};

/**
 * How long a job takes over many messages, and what for: `npm run bench -- jobs`. The
 * real dispatcher works at a job that replays every message, once a minute of a clock that skips the pauses, over the engine of a local
 * edition. The queue takes every record and delivers none.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemChance } from "../adapters/chance.ts";
import { inProcessClient } from "../adapters/clients.ts";
import { type Clock, systemClock } from "../adapters/clock.ts";
import { noMetrics } from "../adapters/metrics.ts";
import type { Queue } from "../adapters/queue.ts";
import { printError } from "../adapters/terminal.ts";
import { masterKeyVault } from "../adapters/vault.ts";
import { hasJobEnded, type Job, type JobAsked, newJob } from "../domain/job.ts";
import { limits } from "../domain/limits.ts";
import { jobStore } from "../entities/job.ts";
import { messageListStore } from "../entities/message-list.ts";
import type { Storage } from "../entities/storage.ts";
import { compose } from "../handlers/compose.ts";
import { planJob } from "../handlers/jobs/plan-job.ts";
import { ensureTable, startTable, table } from "../local/embedded-table.ts";
import { fill, senderId, shards } from "./list-table.ts";
import { countsIn, type Part, type Say } from "./part.ts";

const minuteMs = 60_000;
/** Of five messages that are stored, so many are the sender's. */
const ownShare = 4 / 5;
/** Stored between two lines of progress. */
const fillStep = 10_000;

const asked: JobAsked = {
  ...{ action: "replay", filter: {} },
  ratePerSecond: limits.jobRatePerSecondMax,
};

const grouped = (count: number): string => count.toLocaleString("en");
const inSeconds = (ms: number): string => (ms / 1000).toFixed(1);

/** Stores `messages` that FAILED of the sender, among others, and returns how long that took. */
const store = async (storage: Storage, messages: number, say: Say): Promise<number> => {
  const began = performance.now();
  const total = Math.ceil(messages / ownShare);
  for (let from = 0; from < total; from += fillStep) {
    await fill(storage, from, Math.min(total, from + fillStep), () => "failed");
    say(`${grouped(Math.min(total, from + fillStep))} of ${grouped(total)} stored`);
  }
  return performance.now() - began;
};

/** A queue that takes every record, and counts them. */
const countingQueue = (): { readonly queue: Queue; readonly records: () => number } => {
  let records = 0;
  const queue: Queue = {
    send: async () => {
      records += 1;
    },
    sendAll: async (delayed) => {
      records += delayed.length;
      return delayed.map(() => true);
    },
  };
  return { queue, records: () => records };
};

const log = {
  line: () => {},
  failure: (what: string, error: unknown) => printError(`${what}: ${error}\n`),
};

const dispatcherOver = (storage: Storage, queue: Queue, clock: Clock) =>
  compose(
    {
      ...{ storage, queue, log, clock, chance: systemChance, metrics: noMetrics },
      post: () => Promise.reject(new Error("Nothing is delivered here")),
      vault: masterKeyVault([Buffer.alloc(32, 1)]),
    },
    {
      ...{ leaseMs: 65_000, clockMarginMs: 5000, graceMs: 60_000, timeoutMs: 15_000 },
      ...{ scheduleMs: [5000], retentionDays: 30, shards, listAll: true, countOutcomes: false },
      ...{ allowTargets: [], allowHttp: "never" },
    },
  ).dispatcher();

/** A clock that can be moved on. */
const movingClock = () => {
  let shiftMs = 0;
  return {
    clock: () => systemClock() + shiftMs,
    advance: (ms: number): void => {
      shiftMs += ms;
    },
  };
};

/** Runs the dispatcher once a minute until the job has ended. Returns it, the runs and their time. */
const runAll = async (
  storage: Storage,
  queue: Queue,
  first: Job,
  { time, say }: { readonly time: ReturnType<typeof movingClock>; readonly say: Say },
) => {
  const jobs = jobStore(storage);
  const dispatch = dispatcherOver(storage, queue, time.clock);
  let [runs, workMs] = [0, 0];
  for (;;) {
    const began = performance.now();
    await dispatch({ shards: [0] }, { getRemainingTimeInMillis: () => minuteMs - 5000 });
    const tookMs = performance.now() - began;
    workMs += tookMs;
    runs += 1;
    const job = await jobs.get(first, time.clock());
    if (!job || hasJobEnded(job.status)) return { job, runs, workMs };
    say(`${grouped(job.done)} of ${grouped(first.plan.count)} done, ${inSeconds(workMs)} s`);
    time.advance(Math.max(0, minuteMs - tookMs));
  }
};

/** Plans a job over all messages of the sender, and stores it. */
const makeJob = async (storage: Storage, clock: Clock): Promise<{ job: Job; planMs: number }> => {
  const [before, began] = [clock(), performance.now()];
  const lists = messageListStore(storage);
  const { plan } = await planJob({ lists, shards }, { senderId, ...asked, before });
  const planMs = performance.now() - began;
  const job = newJob(asked, {
    ...{ senderId, jobId: "job", before, plan, now: before, by: { keyId: "bench" } },
    ...{ dueShard: "0", writeId: "bench" },
  });
  await jobStore(storage).create(job);
  return { job, planMs };
};

/** Stores messages that FAILED, replays them all by a job, and says what it took. */
const measure = async (messages: number, say: Say) => {
  const dataDir = await mkdtemp(join(tmpdir(), "postrider-bench-"));
  const engine = await startTable({ dataDir });
  const storage = { client: inProcessClient(engine.call), table };
  await ensureTable(storage.client, table);
  const storeMs = await store(storage, messages, say);
  const time = movingClock();
  const { queue, records } = countingQueue();
  const cpuBefore = process.cpuUsage();
  const { job: first, planMs } = await makeJob(storage, time.clock);
  const { job, runs, workMs } = await runAll(storage, queue, first, { time, say });
  const { user, system } = process.cpuUsage(cpuBefore);
  await engine.stop();
  await rm(dataDir, { recursive: true, force: true });
  const { count, isExact } = first.plan;
  return {
    ...{ messages, storeMs, planMs, isPlanExact: isExact, planned: count },
    ...{ status: job?.status, runs, workMs, done: job?.done, failed: job?.failed },
    ...{ records: records(), processorMsPerMessage: (user + system) / 1000 / messages },
    residentMb: Math.round(process.memoryUsage().rss / 2 ** 20),
  };
};
type Took = Awaited<ReturnType<typeof measure>>;

const rowOf = (took: Took): readonly string[] => [
  ...[grouped(took.messages), `${inSeconds(took.storeMs)} s`],
  `${inSeconds(took.planMs)} s${took.isPlanExact ? "" : ", not exactly"}`,
  `${took.runs}, ${inSeconds(took.workMs)} s of work`,
  `${took.status}, ${took.done} done, ${took.failed} failed`,
  ...[took.processorMsPerMessage.toFixed(1), `${took.residentMb} MB`],
];

export const jobs: Part = {
  about: "how long a job takes that replays every message",
  options: {
    messages: { type: "string", fallback: "1000,10000", about: "numbers of messages" },
  },
  run: async (values, say) => {
    const took: Took[] = [];
    for (const messages of countsIn(values, "messages")) took.push(await measure(messages, say));
    const head = ["Messages", "stored in", "planned in", "runs, one a minute", "job"];
    return {
      figures: took,
      tables: [
        {
          title: "A job that replays every message; engine and job in one process",
          head: [...head, "processor, ms a message", "resident"],
          rows: took.map(rowOf),
        },
      ],
    };
  },
};

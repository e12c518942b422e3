/**
 * How long a job takes over many messages, and what for: `npm run bench:jobs`, with
 * `-- --messages 1000,100000` for other numbers of them. The real dispatcher works at a job that
 * replays every message, once a minute of a clock that skips the pauses, over an embedded engine. The
 * queue takes every record and delivers none.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemChance } from "../adapters/chance.ts";
import { dynamoDbClient } from "../adapters/clients.ts";
import { systemClock } from "../adapters/clock.ts";
import { noMetrics } from "../adapters/metrics.ts";
import { print } from "../adapters/terminal.ts";
import { masterKeyVault } from "../adapters/vault.ts";
import { hasJobEnded, type JobAsked, newJob } from "../domain/job.ts";
import { limits } from "../domain/limits.ts";
import { jobStore } from "../entities/job.ts";
import { messageListStore } from "../entities/message-list.ts";
import { compose } from "../handlers/compose.ts";
import { planJob } from "../handlers/jobs/plan-job.ts";
import { ensureTable, startTable, table } from "../local/embedded-table.ts";
import { fill, senderId, shards } from "./list-table.ts";

const minuteMs = 60_000;
/** Of five messages that are stored, so many are the sender's. */
const ownShare = 4 / 5;

const { values } = parseArgs({
  options: { messages: { type: "string", default: "1000,10000" } },
});

const asked: JobAsked = {
  ...{ action: "replay", filter: {} },
  ratePerSecond: limits.jobRatePerSecondMax,
};

/** Fills a table with messages that FAILED, replays them all by a job, and says what it took. */
const measure = async (messages: number): Promise<string> => {
  const dataDir = await mkdtemp(join(tmpdir(), "postrider-bench-"));
  const engine = await startTable({ dataDir });
  const storage = { client: dynamoDbClient({ ...engine, requestTimeoutMs: 120_000 }), table };
  await ensureTable(storage.client, table);
  await fill(storage, 0, Math.ceil(messages / ownShare), () => "failed");

  // Behind the newest message, and skipping what is left of each minute.
  let shiftMs = 0;
  const clock = () => systemClock() + shiftMs;
  let records = 0;
  const log = {
    line: () => {},
    failure: (what: string, error: unknown) => print(`${what}: ${error}\n`),
  };
  const { dispatcher } = compose(
    {
      ...{ storage, log, clock, chance: systemChance, metrics: noMetrics },
      queue: {
        send: async () => {
          records += 1;
        },
        sendAll: async (delayed) => delayed.map(() => true),
      },
      post: () => Promise.reject(new Error("Nothing is delivered here")),
      vault: masterKeyVault([Buffer.alloc(32, 1)]),
    },
    {
      ...{ leaseMs: 65_000, clockMarginMs: 5000, graceMs: 60_000, timeoutMs: 15_000 },
      ...{ scheduleMs: [5000], retentionDays: 30, shards, listAll: true, countOutcomes: false },
      ...{ allowTargets: [], allowHttp: "never" },
    },
  );
  const before = clock();
  const lists = messageListStore(storage);
  const planBegan = performance.now();
  const { plan } = await planJob({ lists, shards }, { senderId, ...asked, before });
  const planMs = performance.now() - planBegan;
  const jobs = jobStore(storage);
  const key = { senderId, jobId: "job" };
  await jobs.create(
    newJob(asked, {
      ...{ ...key, before, plan, now: before, by: { keyId: "bench" } },
      ...{ dueShard: "0", writeId: "bench" },
    }),
  );

  const dispatch = dispatcher();
  const cpuBefore = process.cpuUsage();
  const cpu = (): string => {
    const { user, system } = process.cpuUsage(cpuBefore);
    return ((user + system) / 1000 / messages).toFixed(1);
  };
  let minutes = 0;
  let workMs = 0;
  for (;;) {
    const began = performance.now();
    await dispatch({ shards: [0] }, { getRemainingTimeInMillis: () => minuteMs - 5000 });
    workMs += performance.now() - began;
    minutes += 1;
    const job = await jobs.get(key, clock());
    if (!job || hasJobEnded(job.status)) {
      await rm(dataDir, { recursive: true, force: true });
      return [
        `${messages.toLocaleString("en")} messages: planned in ${(planMs / 1000).toFixed(1)} s (${plan.isExact ? "exactly" : "at least"} ${plan.count})`,
        `${job?.status} after ${minutes} runs, one a minute; ${(workMs / 1000).toFixed(0)} s of work`,
        `${job?.done} done, ${job?.failed} failed, ${records} records`,
        `${cpu()} ms of processor time a message, engine included; ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`,
      ].join("\n  ");
    }
    shiftMs += minuteMs - (performance.now() - began);
  }
};

for (const messages of values.messages.split(",").map(Number))
  print(`${await measure(messages)}\n`);

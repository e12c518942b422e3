/**
 * What lists and counts cost, and whether that depends on how many messages there are:
 * `npm run bench -- lists`. The read units are the engine's own count, by the rules of DynamoDB. The times are a processor's, for the caller and an
 * embedded engine together: compare them with one another only.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { dynamoDbClient } from "../adapters/clients.ts";
import { limits } from "../domain/limits.ts";
import { type ListFilter, parseTarget } from "../domain/list-filter.ts";
import { messageListStore } from "../entities/message-list.ts";
import type { Storage } from "../entities/storage.ts";
import { countEntries } from "../handlers/api/count-entries.ts";
import { listPage } from "../handlers/api/list-page.ts";
import { ensureTable, startTable, table } from "../local/embedded-table.ts";
import { median } from "./figures.ts";
import { fill, firstAt, senderId, shards } from "./list-table.ts";
import { countsIn, type Part, type Say } from "./part.ts";

const rounds = 15;

type Asked = { ReturnConsumedCapacity?: string };
type Answered = { readonly ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[] };
type Next = (args: { input: Asked }) => Promise<{ output: Answered }>;

/** Counts the read units of a client. DynamoDB asks half a unit of a query that finds nothing. */
const countUnits = ({ client }: Storage) => {
  let units = 0;
  const count = (next: Next) => async (args: { input: Asked }) => {
    const result = await next({ input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } });
    const consumed = [result.output.ConsumedCapacity ?? []].flat();
    for (const { CapacityUnits = 0 } of consumed) units += Math.max(CapacityUnits, 0.5);
    return result;
  };
  client.middlewareStack.add(count as never, { step: "initialize" });
  return {
    take: (): number => {
      const taken = units;
      units = 0;
      return taken;
    },
  };
};

type Look = { readonly what: string; readonly read: () => Promise<unknown> };

/** What a sender and a dashboard ask for, of a table with so many messages. */
const looksAt = (storage: Storage, messages: number): readonly Look[] => {
  const deps = { lists: messageListStore(storage), shards };
  const now = firstAt + messages;
  const page = (filter: ListFilter, limit = 20, examinedMax: number = limits.listExaminedMax) =>
    listPage(deps, { senderId, filter, now, limit, examinedMax });
  const counted = (status: "FAILED" | "unfinished") =>
    countEntries(deps, { senderId, filter: { status }, max: limits.countedMax });
  const whole = limits.failuresCountedMax;
  const look = (what: string, filter: ListFilter): Look => ({ what, read: () => page(filter) });
  return [
    look("20 of all", {}),
    look("20 that are COMPLETED", { status: "COMPLETED" }),
    look("20 that FAILED", { status: "FAILED" }),
    look("20 with a reason", { status: "FAILED", reason: "gone" }),
    look("20 that are unfinished", { status: "unfinished" }),
    look("20 in a range of time", { from: firstAt, to: firstAt + Math.floor(messages / 2) }),
    look("20 to one target of ten", { target: parseTarget("target-3.example") }),
    look("A search that finds nothing", { target: parseTarget("nowhere.example") }),
    {
      what: "The latest thousand failures",
      read: () => page({ status: "FAILED" }, whole, whole),
    },
    { what: "A count of what FAILED", read: () => counted("FAILED") },
    { what: "A count of what is unfinished", read: () => counted("unfinished") },
  ];
};

/** Milliseconds of a processor that this process has used: caller and engine together. */
const processorMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Read units of one look, and the median of the processor's time for several. */
const measure = async ({ read }: Look, units: ReturnType<typeof countUnits>) => {
  await read();
  units.take();
  const times: number[] = [];
  let cost = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = processorMs();
    await read();
    times.push(processorMs() - before);
    cost = units.take();
  }
  return { cost, ms: median(times) };
};

type Cost = Awaited<ReturnType<typeof measure>>;

/** What each look takes, in a table that is filled to one size after the other. */
const measureAll = async (sizes: readonly number[], say: Say) => {
  const dataDir = await mkdtemp(join(tmpdir(), "postrider-bench-"));
  const engine = await startTable({ dataDir });
  const storage = { client: dynamoDbClient({ ...engine, requestTimeoutMs: 120_000 }), table };
  await ensureTable(storage.client, table);
  const units = countUnits(storage);
  const costs = new Map<string, Cost[]>();
  let filled = 0;
  for (const size of sizes) {
    say(`filling a table with ${size.toLocaleString("en-US")} messages`);
    await fill(storage, filled, size);
    filled = size;
    for (const look of looksAt(storage, size)) {
      say(`${look.what}, of ${size.toLocaleString("en-US")}`);
      costs.set(look.what, [...(costs.get(look.what) ?? []), await measure(look, units)]);
    }
  }
  storage.client.destroy();
  await engine.stop();
  await rm(dataDir, { recursive: true });
  return costs;
};

const shownCost = ({ cost, ms }: Cost): string => `${cost} (${ms.toFixed(ms < 10 ? 1 : 0)} ms)`;

export const lists: Part = {
  about: "read units of lists and counts, by the size of the table",
  options: {
    messages: { type: "string", fallback: "1000,10000,100000", about: "sizes of the table" },
  },
  run: async (values, say) => {
    const sizes = countsIn(values, "messages").toSorted((one, other) => one - other);
    const costs = await measureAll(sizes, say);
    return {
      figures: { sizes, looks: Object.fromEntries(costs) },
      tables: [
        {
          title: `Lists and counts: medians of ${rounds} rounds over ${shards} shards`,
          head: [
            "Read units, and processor time",
            ...sizes.map((size) => size.toLocaleString("en-US")),
          ],
          rows: [...costs].map(([what, each]) => [what, ...each.map(shownCost)]),
        },
      ],
    };
  },
};

/**
 * What lists and counts cost, and whether that depends on how many messages there are:
 * `npm run bench:lists`, with `-- --messages 1000,100000` for other numbers of them. The read units are
 * the engine's own count, by the rules of DynamoDB. The times are a processor's, for the caller and an
 * embedded engine together: compare them with one another only.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { dynamoDbClient } from "../adapters/clients.ts";
import { systemClock } from "../adapters/clock.ts";
import { print } from "../adapters/terminal.ts";
import { limits } from "../domain/limits.ts";
import { type ListFilter, parseTarget } from "../domain/list-filter.ts";
import { messageListStore } from "../entities/message-list.ts";
import type { Storage } from "../entities/storage.ts";
import { countEntries } from "../handlers/api/count-entries.ts";
import { listPage } from "../handlers/api/list-page.ts";
import { ensureTable, startTable, table } from "../local/embedded-table.ts";
import { fill, firstAt, senderId, shards } from "./list-table.ts";
import { median } from "./start-times.ts";

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

const { values } = parseArgs({
  options: { messages: { type: "string", default: "1000,10000,100000" } },
});
const sizes = values.messages
  .split(",")
  .map(Number)
  .sort((one, other) => one - other);

const dataDir = await mkdtemp(join(tmpdir(), "postrider-bench-"));
const engine = await startTable({ dataDir });
const storage = { client: dynamoDbClient({ ...engine, requestTimeoutMs: 120_000 }), table };
await ensureTable(storage.client, table);
const units = countUnits(storage);

const rows = new Map<string, string[]>();
let filled = 0;
for (const size of sizes) {
  const began = systemClock();
  await fill(storage, filled, size);
  filled = size;
  print(`${size.toLocaleString("en-US")} messages after ${systemClock() - began} ms more\n`);
  for (const look of looksAt(storage, size)) {
    const { cost, ms } = await measure(look, units);
    rows.set(look.what, [
      ...(rows.get(look.what) ?? []),
      `${cost} (${ms.toFixed(ms < 10 ? 1 : 0)} ms)`,
    ]);
  }
}
storage.client.destroy();
await engine.stop();
await rm(dataDir, { recursive: true });

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
const head = [
  "Read units, and processor time",
  ...sizes.map((size) => size.toLocaleString("en-US")),
];
print(
  [
    `\nMedians of ${rounds} rounds over ${shards} shards\n\n`,
    line(head),
    line(head.map(() => "---")),
    ...[...rows].map(([what, cells]) => line([what, ...cells])),
  ].join(""),
);

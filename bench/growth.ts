/**
 * Whether anything gets dearer with size: `npm run bench -- growth`. What a message takes by how many
 * are stored, the hottest key by the rate, the dispatcher's ceiling, and a worker's memory while targets are slow.
 */

import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { environment } from "../adapters/environment.ts";
import { boundsOf, perSecond, plans } from "../docs/render/throughput.ts";
import { type Spread, shown, spreadOf } from "./figures.ts";
import type { GrowthAsked, GrowthTook } from "./growth-run.ts";
import { hottestKeys } from "./hottest-key.ts";
import { countIn, countsIn, type Part, type Say, type Table } from "./part.ts";
import { measureSlowTargets } from "./slow-targets-run.ts";

const rounds = 5;
const messages = 300;
const count = (value: number): string => Math.round(value).toLocaleString("en-US");

/** What a message takes from submit to delivery, where so many are stored. */
type Life = { readonly stored: number; readonly processorUs: Spread } & Pick<
  GrowthTook,
  "calls" | "units"
>;

const measureLives = async (sizes: readonly number[], say: Say): Promise<readonly Life[]> => {
  const child = fork(join(import.meta.dirname, "growth-run.ts"), {
    env: {
      ...{ PATH: environment()["PATH"], AWS_REGION: "us-east-1" },
      ...{ AWS_ACCESS_KEY_ID: "bench", AWS_SECRET_ACCESS_KEY: "bench" },
    },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    execArgv: ["--max-old-space-size=8192"],
  });
  const next = async (): Promise<GrowthTook> => (await once(child, "message"))[0];
  const run = (asked: GrowthAsked): Promise<GrowthTook> => {
    child.send(asked);
    return next();
  };
  try {
    await next();
    await run({ messages: 2 * messages });
    const lives: Life[] = [];
    for (const stored of sizes) {
      say(`filling a table with ${count(stored)} messages`);
      await run({ fillTo: stored, messages: messages });
      const took: GrowthTook[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        say(`of ${count(stored)} stored, round ${round} of ${rounds}`);
        took.push(await run({ messages }));
      }
      const processorUs = spreadOf(took.map(({ processorMs }) => (processorMs * 1000) / messages));
      const { calls, units } = took.at(-1) as GrowthTook;
      lives.push({ stored, processorUs, calls: calls / messages, units: units / messages });
    }
    return lives;
  } finally {
    child.kill();
  }
};

const lifeTable = (lives: readonly Life[]): Table => ({
  title: "A message, by how many are stored: from submit to delivery, engine included",
  head: ["Stored", "processor, µs", "calls of the table", "units of the table"],
  rows: lives.map(({ stored, processorUs, calls, units }) => [
    ...[count(stored), shown(processorUs, 0), calls.toFixed(1), units.toFixed(1)],
  ]),
  note: "As the engine counts them; the entries of the indexes are three more.",
});

const traffics = [100, 1000, 10_000].flatMap((rate) =>
  [8, 64].map((shards) => ({ perSecond: rate, shards, largestShare: 0.9 })),
);

const keyTable = (keys: readonly ReturnType<typeof keyRow>[]): Table => ({
  title: "The hottest key of an index, one sender with nine tenths: units in its busiest second",
  head: ["Messages a second", "Shards", "due", "of its limit", "by sender", "of its limit"],
  rows: keys.map(({ traffic, hottest }) => [
    ...[count(traffic.perSecond), String(traffic.shards)],
    ...[count(hottest.due), `${(hottest.due / 10).toFixed(0)} %`],
    ...[count(hottest.bySender), `${(hottest.bySender / 10).toFixed(0)} %`],
  ]),
  note: "A partition takes 1,000 write units a second.",
});
const keyRow = (traffic: (typeof traffics)[number]) => ({ traffic, hottest: hottestKeys(traffic) });

const ceilingTable = (): Table => ({
  title: "The dispatcher's ceiling, messages a second, by what bounds it",
  head: ["Stage", "dispatcher", "due index", "table", "together"],
  rows: plans.map((plan) => {
    const { dispatcher, dueIndex, table } = boundsOf(plan);
    return [plan.what, ...[dispatcher, dueIndex, table, perSecond(plan)].map(count)];
  }),
});

export const growth: Part = {
  about: "whether a message gets dearer with size: stored messages, rates, slow targets",
  options: {
    stored: { type: "string", fallback: "1000,10000,100000", about: "sizes of the table" },
    targets: { type: "string", fallback: "1000", about: "targets that let a worker wait" },
  },
  run: async (values, say) => {
    const targets = countIn(values, "targets");
    const sizes = countsIn(values, "stored").toSorted((one, other) => one - other);
    const lives = await measureLives(sizes, say);
    say("hottest keys");
    const keys = traffics.map(keyRow);
    say(`${count(targets)} slow targets`);
    const slow = await measureSlowTargets(targets);
    const mib = (value: number): string => `${value.toFixed(0)} MiB`;
    return {
      figures: { lives, keys, ceilings: plans.map((plan) => ({ plan, ...boundsOf(plan) })), slow },
      tables: [
        lifeTable(lives),
        keyTable(keys),
        ceilingTable(),
        {
          title: `The memory of a worker's HTTP client, with ${count(targets)} slow targets`,
          head: ["", "resident"],
          rows: [
            ["Before", mib(slow.beforeMiB)],
            ["While all of them let it wait", mib(slow.waitingMiB)],
            [`When ${count(slow.answered)} have answered`, mib(slow.afterMiB)],
          ],
        },
      ],
    };
  },
};

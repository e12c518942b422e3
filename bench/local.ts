/**
 * How fast and how light the local edition is: `npm run bench -- local`, with `--baseline <dir>` beside
 * that of another checkout, and with `--against <url>` beside anything else that takes messages by
 * HTTP, in turns. Only what one run says of them can be compared: the machine decides the rest.
 */

import { type Spread, shown, spreadOf } from "./figures.ts";
import type { Round } from "./local-load.ts";
import { peerIn } from "./local-peer.ts";
import { type RunningEdition, startEditionOf, startLoad } from "./local-processes.ts";
import { countIn, type Measured, type Part, type Say, type Values } from "./part.ts";

const steady = { rate: 20, messages: 200 };

/** What was measured of one edition. */
type Figures = {
  readonly edition: string;
  readonly messagesPerSecond: Spread;
  readonly cpuSecondsPerThousand: Spread;
  readonly steadyP50Ms: number;
  readonly residentMiB: number;
  readonly messages: number;
};

const asked = (values: Values) => ({
  messages: countIn(values, "messages"),
  clients: countIn(values, "clients"),
  bodyBytes: countIn(values, "body-bytes"),
});
type Asked = ReturnType<typeof asked>;

type Load = ReturnType<typeof startLoad>;

/** Measures one edition, round by round, and counts what was sent to it. */
const measuring = (edition: RunningEdition, load: Load, options: Asked, say: Say) => {
  const perSecond: number[] = [];
  const cpuSeconds: number[] = [];
  let sent = 0;
  const round = async (what: string, more: Partial<Round> = {}) => {
    const { messages, ...rest } = { ...options, ...more };
    const before = edition.cpuSeconds();
    const prefix = `bench-${sent}`;
    const { template } = edition;
    const result = await load.run({ template, prefix, messages, ...rest });
    sent += messages;
    const cpu = ((edition.cpuSeconds() - before) * 1000) / messages;
    const rate = (messages * 1000) / result.tookMs;
    const { refused, repeats, p50Ms } = result;
    say(
      `${edition.name} ${what}: ${rate.toFixed(0)} messages/s, ${cpu.toFixed(2)} CPU s per 1,000, p50 ${p50Ms.toFixed(1)} ms, ${refused} refused, ${repeats} repeats`,
    );
    return { rate, cpu, p50Ms };
  };
  return {
    round,
    counted: async (what: string): Promise<void> => {
      const { rate, cpu } = await round(what);
      perSecond.push(rate);
      cpuSeconds.push(cpu);
    },
    sent: () => sent,
    figures: (steadyP50Ms: number): Figures => ({
      ...{ edition: edition.name, steadyP50Ms, messages: sent },
      messagesPerSecond: spreadOf(perSecond),
      cpuSecondsPerThousand: spreadOf(cpuSeconds),
      residentMiB: edition.residentMiB(),
    }),
  };
};

const measureAll = async (
  editions: readonly RunningEdition[],
  load: Load,
  values: Values,
  say: Say,
): Promise<readonly Figures[]> => {
  const memoryAfter = countIn(values, "memory", 0);
  const rounds = countIn(values, "rounds");
  const all = editions.map((edition) => measuring(edition, load, asked(values), say));
  for (const each of all) await each.round("warm-up");
  for (let number = 1; number <= rounds; number += 1)
    for (const each of all) await each.counted(`round ${number}`);
  const p50Ms: number[] = [];
  for (const each of all) p50Ms.push((await each.round("at 20 a second", steady)).p50Ms);
  // Of this checkout only: the other one would take long.
  const [own] = all;
  if (own && memoryAfter > own.sent())
    await own.round("for its memory", { messages: memoryAfter - own.sent() });
  return all.map((each, index) => each.figures(p50Ms[index] ?? Number.NaN));
};

const rowOf = (each: Figures): readonly string[] => [
  ...[each.edition, shown(each.messagesPerSecond, 0), shown(each.cpuSecondsPerThousand, 1)],
  `${each.steadyP50Ms.toFixed(1)} ms`,
  `${each.residentMiB.toFixed(0)} MiB after ${each.messages.toLocaleString("en-US")} messages`,
];

const measuredOf = (figures: readonly Figures[]): Measured => ({
  figures,
  tables: [
    {
      title: "The local edition; one run, medians of rounds in turns",
      head: ["", "messages/s", "CPU s per 1,000", "p50 at 20/s", "resident memory"],
      rows: figures.map(rowOf),
    },
  ],
});

export const local: Part = {
  about: "messages a second, processor time and memory of the local edition",
  options: {
    baseline: { type: "string", about: "a checkout, with its dependencies, to compare with" },
    against: { type: "string", about: "a URL that takes a message by POST, to compare with" },
    header: { type: "string", multiple: true, about: "a header of its requests, `name: value`" },
    body: {
      type: "string",
      about: "the body of its requests; {id} {target} {time} {text} are put in",
    },
    pids: { type: "string", about: "its processes, with commas: their CPU time is added up" },
    port: { type: "string", fallback: "0", about: "the receiver's, for what must know it before" },
    messages: { type: "string", fallback: "1000", about: "messages of a round" },
    rounds: { type: "string", fallback: "3", about: "rounds of each, in turns" },
    clients: { type: "string", fallback: "20", about: "that submit at the same time" },
    "body-bytes": { type: "string", fallback: "500", about: "of each message" },
    memory: {
      type: "string",
      fallback: "20000",
      about: "messages after which the memory is read; 0 for never",
    },
  },
  run: async (values, say) => {
    asked(values);
    const peer = peerIn(values);
    const load = startLoad(countIn(values, "port", 0));
    const editions: RunningEdition[] = [await startEditionOf("this", process.cwd())];
    const { baseline } = values;
    if (typeof baseline === "string") editions.push(await startEditionOf("baseline", baseline));
    if (peer) editions.push(peer);
    try {
      return measuredOf(await measureAll(editions, load, values, say));
    } finally {
      load.stop();
      for (const edition of editions) await edition.stop();
    }
  },
};

/**
 * How fast and how light the local edition is: `npm run bench:local`, with `-- --baseline <dir>` beside
 * that of another checkout, in turns. Only what one run says of the two can be compared: the machine
 * decides the rest.
 */

import { parseArgs } from "node:util";
import { print, printError } from "../adapters/terminal.ts";
import { type RunningEdition, startEditionOf, startLoad } from "./local-processes.ts";
import { median } from "./start-times.ts";

const usage = `Measures the local edition of this checkout.

  npm run bench:local -- [options]

  --baseline <dir>   a checkout, with its dependencies, to compare with
  --messages <n>     of a round (1000)
  --rounds <n>       of each edition, in turns (3)
  --clients <n>      that submit at the same time (20)
  --body-bytes <n>   of each message (500)
  --memory <n>       messages after which the resident memory is read; 0 for never (20000)
  --json             print the figures as JSON
`;
const { values } = parseArgs({
  options: {
    baseline: { type: "string" },
    messages: { type: "string", default: "1000" },
    rounds: { type: "string", default: "3" },
    clients: { type: "string", default: "20" },
    "body-bytes": { type: "string", default: "500" },
    memory: { type: "string", default: "20000" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const asked = {
  messages: Number(values.messages),
  clients: Number(values.clients),
  bodyBytes: Number(values["body-bytes"]),
};
const rounds = Number(values.rounds);
const memoryAfter = Number(values.memory);
const steady = { rate: 20, messages: 200 };

const isCount = (value: number, min: number): boolean => Number.isInteger(value) && value >= min;
const isUsable =
  [...Object.values(asked), rounds].every((value) => isCount(value, 1)) && isCount(memoryAfter, 0);
if (values.help || !isUsable) {
  print(usage);
  process.exit(values.help ? 0 : 2);
}

const say = (text: string): void => {
  printError(`${text}\n`);
};

type Figures = {
  readonly messagesPerSecond: number[];
  readonly cpuSecondsPerThousand: number[];
  steadyP50Ms: number;
  residentMiB: number;
  sent: number;
};
const load = startLoad();
const editions: RunningEdition[] = [await startEditionOf("this", process.cwd())];
if (values.baseline) editions.push(await startEditionOf("baseline", values.baseline));
const figures = new Map<RunningEdition, Figures>(
  editions.map((edition) => [
    edition,
    {
      ...{ messagesPerSecond: [], cpuSecondsPerThousand: [] },
      ...{ steadyP50Ms: 0, residentMiB: 0, sent: 0 },
    },
  ]),
);

const round = async (edition: RunningEdition, what: string, more: Partial<typeof steady> = {}) => {
  const own = figures.get(edition) as Figures;
  const options = { ...asked, ...more };
  const before = edition.cpuSeconds();
  const prefix = `bench-${own.sent}`;
  const result = await load.run({ edition: edition.access, prefix, ...options });
  own.sent += options.messages;
  const cpu = ((edition.cpuSeconds() - before) * 1000) / options.messages;
  const perSecond = (options.messages * 1000) / result.tookMs;
  const { refused, repeats, p50Ms } = result;
  say(
    `${edition.name} ${what}: ${perSecond.toFixed(0)} messages/s, ${cpu.toFixed(2)} CPU s per 1,000, p50 ${p50Ms.toFixed(1)} ms, ${refused} refused, ${repeats} repeats`,
  );
  return { own, perSecond, cpu, p50Ms };
};

try {
  for (const edition of editions) await round(edition, "warm-up");
  for (let each = 1; each <= rounds; each += 1)
    for (const edition of editions) {
      const { own, perSecond, cpu } = await round(edition, `round ${each}`);
      own.messagesPerSecond.push(perSecond);
      own.cpuSecondsPerThousand.push(cpu);
    }
  for (const edition of editions) {
    const { own, p50Ms } = await round(edition, "at 20 a second", steady);
    own.steadyP50Ms = p50Ms;
  }
  // Of this checkout only: the other one would take long.
  const [own] = editions as [RunningEdition];
  const { sent } = figures.get(own) as Figures;
  if (memoryAfter > sent) await round(own, "for its memory", { messages: memoryAfter - sent });
  for (const [edition, each] of figures) each.residentMiB = edition.residentMiB();
} finally {
  load.stop();
  for (const edition of editions) await edition.stop();
}

const rows = [...figures].map(([{ name }, each]) => ({
  edition: name,
  messagesPerSecond: median(each.messagesPerSecond),
  cpuSecondsPerThousand: median(each.cpuSecondsPerThousand),
  steadyP50Ms: each.steadyP50Ms,
  residentMiB: each.residentMiB,
  messages: each.sent,
}));
const table = (): string =>
  [
    "| Edition | Messages/s | CPU s per 1,000 | p50 at 20/s | Resident memory |",
    "| --- | --- | --- | --- | --- |",
    ...rows.map(
      (row) =>
        `| ${row.edition} | ${row.messagesPerSecond.toFixed(0)} | ${row.cpuSecondsPerThousand.toFixed(2)} | ${row.steadyP50Ms.toFixed(1)} ms | ${row.residentMiB.toFixed(0)} MiB after ${row.messages} messages |`,
    ),
  ].join("\n");
print(`${values.json ? JSON.stringify(rows, undefined, 2) : table()}\n`);

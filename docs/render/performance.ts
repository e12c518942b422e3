import { generatedFrom, tableOf } from "./markdown.ts";
import {
  type EditionFigures,
  type FlowFigures,
  keptFigures,
  measuredOn,
  type Spread,
} from "./performance-figures.ts";
import { peers } from "./performance-peers.ts";
import { type Panel, plotOf } from "./plot.ts";

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
const spread = ({ median, min, max }: Spread, digits: number): string =>
  `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;

const nameOf = ({ edition }: EditionFigures, commit: string): string =>
  edition === "this" ? `now (\`${commit}\`)` : edition;

const flowsOf = (flows: readonly FlowFigures[], what: string): readonly string[][] =>
  flows.map(({ over, ratio, handlers, byHand }) => [
    `${what}, over the ${over === "stub" ? "stub transport" : "embedded engine"}`,
    spread(handlers.processorUs, 0),
    spread(byHand.processorUs, 0),
    spread(ratio, 2),
  ]);

/**
 * Returns the plot of the page: bars of the local edition, and of the handlers beside what is
 * written by hand.
 */
export const performancePlot = (): string => {
  const { local, ingest, deliver, growth } = keptFigures();
  const ofEditions = (
    title: string,
    value: (of: EditionFigures) => number,
    unit: string,
  ): Panel => ({
    title,
    bars: (local?.figures ?? []).map((each) => ({
      name: each.edition === "this" ? "now" : each.edition,
      value: value(each),
      label: `${value(each).toFixed(value(each) < 10 ? 1 : 0)} ${unit}`,
    })),
  });
  const ofFlows = (title: string, flows: readonly FlowFigures[]): Panel => ({
    title,
    bars: flows.flatMap(({ over, handlers, byHand }) =>
      [[`handlers, ${over}`, handlers] as const, [`by hand, ${over}`, byHand] as const].map(
        ([name, { processorUs }]) => {
          return { name, value: processorUs.median, label: `${whole(processorUs.median)} µs` };
        },
      ),
    ),
  });
  const panels: readonly Panel[] = [
    ofEditions("Local edition: messages a second", (of) => of.messagesPerSecond.median, "a second"),
    ofEditions(
      "Local edition: processor time of 1,000 messages",
      (of) => of.cpuSecondsPerThousand.median,
      "s",
    ),
    ofFlows("A submit: processor time", ingest?.figures ?? []),
    ofFlows("A delivery: processor time", deliver?.figures ?? []),
    {
      title: "A message, by how many are stored: processor time",
      bars: (growth?.figures.lives ?? []).map(({ stored, processorUs: { median } }) => {
        return { name: whole(stored), value: median, label: `${whole(median)} µs` };
      }),
    },
  ];
  return plotOf(
    "Performance of Postrider",
    panels.filter(({ bars }) => bars.length > 0),
  );
};

const localSection = (): readonly string[] => {
  const { local } = keptFigures();
  if (!local) return [];
  const head = ["Edition", "Messages/s", "CPU s per 1,000", "p50 at 20/s", "Resident memory"];
  return [
    "## The local edition",
    "",
    ...tableOf(
      head,
      local.figures.map((each) => [
        ...[nameOf(each, local.machine.commit), spread(each.messagesPerSecond, 0)],
        ...[spread(each.cpuSecondsPerThousand, 1), `${each.steadyP50Ms.toFixed(1)} ms`],
        `${whole(each.residentMiB)} MiB after ${whole(each.messages)} messages`,
      ]),
    ),
    "",
    "Twenty clients, bodies of 500 bytes, a receiver on the same machine that answers at once. The wait at 20 a second is",
    "from submit to arrival. `baseline` is commit `6974d4e`.",
    "",
    `${measuredOn(local)}.`,
    "",
  ];
};

const handlersSection = (): readonly string[] => {
  const { ingest, deliver } = keptFigures();
  if (!ingest || !deliver) return [];
  return [
    "## The handlers on AWS",
    "",
    ...tableOf(
      ["Processor time of a message, µs", "Handlers", "By hand", "Ratio"],
      [...flowsOf(ingest.figures, "Submit"), ...flowsOf(deliver.figures, "Delivery")],
    ),
    "",
    "By hand: the same calls with the same promises, by bare commands of the SDK and plain code, in `bench/by-hand/`. It takes",
    "the rules of `domain/` as they are, and does without framework, schemas and entities: the ratio is what those cost. The stub",
    "answers at once, so what is left is what the function's own process does, signing included. By hand the SDK is as it comes;",
    "the clients of the handlers leave out what nobody needs of a call (`adapters/clients.ts`), which is why a ratio may be below",
    "one. Over the engine neither signs. A proof fails if the calls are not the same, or if the ratio grows much.",
    "",
    `${measuredOn(ingest)}.`,
    "",
  ];
};

const growthSection = (): readonly string[] => {
  const { growth } = keptFigures();
  if (!growth) return [];
  const { lives, slow } = growth.figures;
  return [
    "## With size",
    "",
    ...tableOf(
      ["Messages stored", "Processor time of a message, µs", "Calls of the table"],
      lives.map(({ stored, processorUs, calls }) => [
        ...[whole(stored), spread(processorUs, 0), calls.toFixed(1)],
      ]),
    ),
    "",
    "From submit to delivery, engine included. Units of a message do not depend on what is stored: each call names its key.",
    `A worker's HTTP client takes ${whole(slow.beforeMiB)} MiB, and ${whole(slow.waitingMiB)} MiB while ${whole(slow.answered)} targets let it wait. [At ten thousand`,
    "messages a second](../internals/scale.md) has what AWS must take.",
    "",
    `${measuredOn(growth)}.`,
    "",
  ];
};

/** Returns the page `docs/reference/performance.md`. */
export const performancePage = (): string =>
  [
    "# Performance",
    "",
    generatedFrom(
      "docs/reference/performance.json, which `npm run bench -- <part> --keep` writes,",
    ),
    "",
    "What was measured, on which machine, and how to repeat it. Only ratios within one run mean something on another machine:",
    "what is compared runs in turns. Figures are medians of rounds, with the smallest and the largest.",
    "",
    "![Bars of the figures below](performance.svg)",
    "",
    ...localSection(),
    ...handlersSection(),
    ...growthSection(),
    "## How to repeat it",
    "",
    "```sh",
    "git worktree add ../baseline 6974d4e && (cd ../baseline && npm ci)",
    "npm run bench -- local --baseline ../baseline",
    "npm run bench -- ingest",
    "npm run bench -- deliver",
    "npm run bench -- growth --stored 1000,10000,100000,1000000",
    "```",
    "",
    "`--help` lists the other parts. `--keep` keeps the figures, and `npm run docs` makes this page from them.",
    "",
    ...peers,
  ].join("\n");

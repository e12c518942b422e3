import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { environment } from "../adapters/environment.ts";
import { median, type Spread, shown, spreadOf } from "./figures.ts";
import type { Flow, FlowTook } from "./flow-run.ts";
import { countIn, type Measured, type Part, type Say } from "./part.ts";

/** What a message takes: processor and wall, microseconds, in each round; and its calls. */
export type FlowFigures = {
  readonly processorUs: Spread;
  readonly wallUs: Spread;
  readonly callsPerMessage: Readonly<Record<string, number>>;
};

/** The handlers and the hand-written flow over one transport. */
export type FlowComparison = {
  readonly what: Flow["what"];
  readonly over: Flow["over"];
  readonly handlers: FlowFigures;
  readonly byHand: FlowFigures;
  /** Of each round, the handlers' processor time by that of what is written by hand. */
  readonly ratio: Spread;
};

const start = async (flow: Flow): Promise<ChildProcess> => {
  const child = fork(join(import.meta.dirname, "flow-run.ts"), [JSON.stringify(flow)], {
    env: {
      ...{ PATH: environment()["PATH"], AWS_REGION: "us-east-1" },
      ...{ AWS_ACCESS_KEY_ID: "bench", AWS_SECRET_ACCESS_KEY: "bench" },
    },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    execArgv: [],
  });
  await answerOf(child);
  return child;
};

const answerOf = async (child: ChildProcess): Promise<unknown> => {
  const ended = once(child, "exit").then(() => {
    throw new Error("A flow of the benchmark has ended");
  });
  const [answer] = (await Promise.race([once(child, "message"), ended])) as [unknown];
  return answer;
};

const run = async (child: ChildProcess, messages: number): Promise<FlowTook> => {
  child.send(messages);
  return (await answerOf(child)) as FlowTook;
};

const figuresOf = (rounds: readonly FlowTook[], messages: number): FlowFigures => ({
  processorUs: spreadOf(rounds.map(({ processorMs }) => (processorMs * 1000) / messages)),
  wallUs: spreadOf(rounds.map(({ wallMs }) => (wallMs * 1000) / messages)),
  callsPerMessage: Object.fromEntries(
    Object.entries(rounds.at(-1)?.calls ?? {}).map(([name, count]) => [name, count / messages]),
  ),
});

/** Runs both flows over a transport, in turns, after a warm-up. */
export const compareFlows = async (
  { what, over }: Pick<Flow, "what" | "over">,
  { rounds, messages }: { readonly rounds: number; readonly messages: number },
  say: Say = () => {},
): Promise<FlowComparison> => {
  const children = [
    await start({ what, over, by: "handlers" }),
    await start({ what, over, by: "hand" }),
  ] as const;
  try {
    const took: [FlowTook[], FlowTook[]] = [[], []];
    for (let round = 0; round <= rounds; round += 1) {
      say(`over the ${over}, ${round === 0 ? "warm-up" : `round ${round} of ${rounds}`}`);
      for (const [index, child] of children.entries()) {
        const each = await run(child, messages);
        if (round > 0) took[index]?.push(each);
      }
    }
    const [handlers, byHand] = took;
    const ratios = handlers.map(
      (each, index) => each.processorMs / (byHand[index]?.processorMs ?? 0),
    );
    return {
      ...{ what, over, ratio: spreadOf(ratios) },
      handlers: figuresOf(handlers, messages),
      byHand: figuresOf(byHand, messages),
    };
  } finally {
    for (const child of children) child.kill();
  }
};

const rowOf = (name: string, { processorUs, wallUs, callsPerMessage }: FlowFigures) => [
  ...[name, shown(processorUs, 0), shown(wallUs, 0)],
  Object.values(callsPerMessage)
    .reduce((sum, count) => sum + count, 0)
    .toFixed(1),
];

const measuredOf = (comparisons: readonly FlowComparison[]): Measured => ({
  figures: comparisons,
  tables: comparisons.map(({ what, over, handlers, byHand, ratio }) => ({
    title: `${what === "ingest" ? "A submit" : "A delivery"}, over the ${over === "stub" ? "stub transport" : "embedded engine"}`,
    head: ["", "processor, µs", "wall, µs", "calls"],
    rows: [
      rowOf("Handlers", handlers),
      rowOf("Written by hand", byHand),
      [
        "Ratio",
        shown(ratio),
        (median([handlers.wallUs.median]) / byHand.wallUs.median).toFixed(2),
        "",
      ],
    ],
  })),
});

const flowPart = (what: Flow["what"], about: string): Part => ({
  about,
  options: {
    rounds: { type: "string", fallback: "7", about: "rounds of each, in turns" },
    messages: { type: "string", fallback: "1000", about: "messages of a round" },
  },
  run: async (values, say) => {
    const asked = { rounds: countIn(values, "rounds"), messages: countIn(values, "messages", 10) };
    const comparisons: FlowComparison[] = [];
    for (const over of ["stub", "engine"] as const)
      comparisons.push(await compareFlows({ what, over }, asked, say));
    return measuredOf(comparisons);
  },
});

export const ingest = flowPart(
  "ingest",
  "processor time of a submit, beside the same calls written by hand",
);
export const deliver = flowPart(
  "deliver",
  "processor time of a delivery, beside the same calls written by hand",
);

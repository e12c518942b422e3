import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where `npm run bench -- <part> --keep` keeps what the page on performance is made from. */
export const keptIn = fileURLToPath(new URL("../reference/performance.json", import.meta.url));

/** The median of rounds, the smallest and the largest. */
export type Spread = { readonly median: number; readonly min: number; readonly max: number };

type Machine = {
  readonly node: string;
  readonly processors: number;
  readonly model: string;
  readonly memoryGiB: number;
  readonly load: number;
  readonly commit: string;
  readonly at: string;
};
type Part<Figures> = { readonly machine: Machine; readonly figures: Figures };

export type EditionFigures = {
  readonly edition: string;
  readonly messagesPerSecond: Spread;
  readonly cpuSecondsPerThousand: Spread;
  readonly steadyP50Ms: number;
  readonly residentMiB: number;
  readonly messages: number;
};
export type FlowFigures = {
  readonly over: string;
  readonly ratio: Spread;
  readonly handlers: { readonly processorUs: Spread };
  readonly byHand: { readonly processorUs: Spread };
};
export type GrowthFigures = {
  readonly lives: readonly {
    readonly stored: number;
    readonly processorUs: Spread;
    readonly calls: number;
  }[];
  readonly slow: {
    readonly beforeMiB: number;
    readonly waitingMiB: number;
    readonly afterMiB: number;
    readonly answered: number;
  };
};

/** The kept figures of the parts that the page shows: of those that were measured. */
export type Kept = {
  readonly local?: Part<readonly EditionFigures[]>;
  readonly ingest?: Part<readonly FlowFigures[]>;
  readonly deliver?: Part<readonly FlowFigures[]>;
  readonly growth?: Part<GrowthFigures>;
};

export const keptFigures = (): Kept => JSON.parse(readFileSync(keptIn, "utf8")) as Kept;

/** Says where and when a part was measured. */
export const measuredOn = ({ machine }: Part<unknown>): string => {
  const { commit, at, processors, model, memoryGiB, node, load } = machine;
  return `${at}, commit \`${commit}\`, ${processors} processors (${model.trim() || "unknown"}), ${memoryGiB} GiB, Node ${node.slice(1)}, load ${load.toFixed(1)} when it began`;
};

import { counted } from "../options.ts";
import type { Batch } from "./children.ts";
import { allFaults } from "./faults.ts";

/** What many batches come to together. */
export type Sum = Omit<Batch, "counts"> & { readonly counts: ReadonlyMap<string, number> };

export const sumOf = (batches: readonly Batch[]): Sum => {
  const counts = new Map<string, number>();
  for (const [what, count] of batches.flatMap((batch) => batch.counts))
    counts.set(what, (counts.get(what) ?? 0) + count);
  const total = (of: (batch: Batch) => number): number =>
    batches.reduce((sum, batch) => sum + of(batch), 0);
  return {
    runs: total(({ runs }) => runs),
    steps: total(({ steps }) => steps),
    simulatedMs: total(({ simulatedMs }) => simulatedMs),
    counts,
    broken: batches.flatMap(({ broken }) => broken),
  };
};

const yearMs = 365 * 86_400_000;
const dayMs = 86_400_000;

const timeOf = (ms: number): string =>
  ms > 2 * yearMs ? `${Math.round(ms / yearMs)} years` : `${Math.round(ms / dayMs)} days`;

/** The figures of a search, in one line. */
export const summaryOf = ({ runs, steps, simulatedMs, counts }: Sum): string => {
  const faults = [...counts]
    .filter(([what]) => allFaults.some((fault) => what.startsWith(`${fault} `)))
    .reduce((sum, [, count]) => sum + count, 0);
  return `${counted(runs, "schedule")}, ${counted(steps, "step")}, ${counted(faults, "fault")}, ${timeOf(simulatedMs)} of simulated time`;
};

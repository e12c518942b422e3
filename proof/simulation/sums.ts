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
    cpuMs: total(({ cpuMs }) => cpuMs),
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
    .filter(([what]) =>
      ["walk fault", ...allFaults].some((fault) => `${what} `.startsWith(`${fault} `)),
    )
    .reduce((sum, [, count]) => sum + count, 0);
  return `${counted(runs, "schedule")}, ${counted(steps, "step")}, ${counted(faults, "fault")}, ${timeOf(simulatedMs)} of simulated time`;
};

/** How many schedules a core makes in a second of its own time, whatever else the machine does. */
export const rateOf = ({ runs, cpuMs }: Sum): string =>
  `${Math.round((runs / Math.max(cpuMs, 1)) * 1000).toLocaleString("en")} schedules a second of CPU time`;

/** Who has made how many of the schedules. */
export const sharesOf = ({ counts, runs }: Sum): string => {
  const share = (what: string): string => {
    const count = counts.get(what) ?? 0;
    return `${count.toLocaleString("en")} (${((count / Math.max(runs, 1)) * 100).toFixed(2)} %)`;
  };
  return [
    `${share("by walk")} by the model`,
    `${share("by lockstep")} by the model and the real handlers in step`,
    `${share("by handlers")} by the real handlers, ${share("over the SDK")} over the SDK as well`,
  ].join(", ");
};

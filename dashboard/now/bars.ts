import { html } from "hono/html";

/** A stretch of time, in epoch milliseconds, and how the attempts that ended in it came out. */
export type Outcomes = {
  readonly from: number;
  readonly to: number;
  /** Attempts that the target accepted. */
  readonly completed: number;
  /** Attempts that failed and are made again. */
  readonly retried: number;
  /** Messages that FAILED. */
  readonly failed: number;
};

/** Returns what outcomes add up to. */
export const sumOf = (those: readonly Outcomes[]) => {
  const sum = (member: "completed" | "retried" | "failed"): number =>
    those.reduce((total, each) => total + each[member], 0);
  return { completed: sum("completed"), retried: sum("retried"), failed: sum("failed") };
};

/** Returns outcomes added up to stretches of `barMs`, which begin where the clock divides by it. */
export const mergedOutcomes = (
  buckets: readonly Outcomes[],
  barMs: number,
): readonly Outcomes[] => {
  const bars = Map.groupBy(buckets, ({ from }) => Math.floor(from / barMs));
  return [...bars.values()].map((those) => ({
    ...{ from: those[0]?.from ?? 0, to: those.at(-1)?.to ?? 0 },
    ...sumOf(those),
  }));
};

const [barWidth, gap, height] = [10, 2, 100] as const;
/** A little that is not nothing must be seen. */
const heightMin = 1.5;

const rect = (kind: string, at: number, y: number, size: number) => {
  const x = at * barWidth + gap / 2;
  return size === 0
    ? ""
    : html`<rect class="bar-${kind}" x="${x}" y="${y.toFixed(2)}" width="${barWidth - gap}" height="${size.toFixed(2)}"/>`;
};

/**
 * Draws outcomes over time: what was accepted above the line, what failed below it, so that the two
 * are told apart without colour. Both have one scale.
 */
export const outcomeBars = (outcomes: readonly Outcomes[], label: string) => {
  const highest = Math.max(0, ...outcomes.map(({ completed }) => completed));
  const deepest = Math.max(0, ...outcomes.map(({ retried, failed }) => retried + failed));
  const scale = height / Math.max(1, highest + deepest);
  const sized = (count: number): number => (count === 0 ? 0 : Math.max(heightMin, count * scale));
  const line = deepest === 0 ? height : highest * scale;

  return html`<svg class="bars" role="img" aria-label="${label}" viewBox="0 ${-heightMin} ${outcomes.length * barWidth} ${height + 4 * heightMin}" preserveAspectRatio="none">${outcomes.map(
    ({ completed, retried, failed }, at) => [
      rect("completed", at, line - sized(completed), sized(completed)),
      rect("failed", at, line, sized(failed)),
      rect("retried", at, line + sized(failed), sized(retried)),
    ],
  )}<line class="bars-line" x1="0" x2="${outcomes.length * barWidth}" y1="${line.toFixed(2)}" y2="${line.toFixed(2)}"/></svg>`;
};

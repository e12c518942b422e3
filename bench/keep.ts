import { readFileSync, writeFileSync } from "node:fs";
import { type Kept, keptIn } from "../docs/render/performance-figures.ts";
import type { Machine } from "./machine.ts";

/** Keeps the figures of parts, each with where it was measured. Those of other parts stay. */
export const keepFigures = (machine: Machine, figures: Readonly<Record<string, object>>): void => {
  const before = JSON.parse(readFileSync(keptIn, "utf8")) as Kept;
  const parts = Object.entries(figures).map(([name, each]) => [name, { machine, figures: each }]);
  const kept = { ...before, ...Object.fromEntries(parts) };
  writeFileSync(keptIn, `${JSON.stringify(kept, undefined, 2)}\n`);
};

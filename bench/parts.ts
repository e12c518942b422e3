import { cost } from "./cost.ts";
import { dispatch } from "./dispatch.ts";
import { deliver, ingest } from "./flows.ts";
import { growth } from "./growth.ts";
import { jobs } from "./jobs.ts";
import { lists } from "./lists.ts";
import { local } from "./local.ts";
import type { Part } from "./part.ts";
import { start } from "./start.ts";

/** Every part of the benchmark. */
export const parts = {
  ingest,
  deliver,
  local,
  start,
  cost,
  growth,
  dispatch,
  lists,
  jobs,
} as const satisfies Record<string, Part>;
export type PartName = keyof typeof parts;

/** Those that run when none is named: the others take long, or say the same by another way. */
export const byDefault: readonly PartName[] = [
  "ingest",
  "deliver",
  "local",
  "start",
  "cost",
  "growth",
];

export const isPartName = (name: string): name is PartName => Object.hasOwn(parts, name);

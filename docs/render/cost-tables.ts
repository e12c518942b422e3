/** The tables of the page `docs/guides/cost.md`, and one of `operate.md`. Run by hand, it prints them. */

import { print } from "../../adapters/terminal.ts";
import {
  additions,
  idleMonth,
  inBatches,
  messageCost,
  type Part,
  provisioned,
  submitCost,
  sum,
  usual,
} from "./cost.ts";
import { boundsOf, perSecond, plans } from "./throughput.ts";

/** Dollars as text: of a million of something that is paid by the piece, or of a month. */
export const dollars = (amount: number): string => `$${amount.toFixed(2)}`;

export type Table = { readonly head: readonly string[]; readonly rows: readonly string[][] };

/** Returns the tables of the page on cost. */
export const tables = (): readonly Table[] => {
  const million = (part: Part): string => dollars(part.dollars * 1e6);
  const ways = [usual, { ...usual, endpoint: "function-url" } as const, inBatches, provisioned];
  const costs = ways.map(messageCost);
  const idle = idleMonth();
  return [
    {
      head: [
        ...["A million messages", "HTTP API", "Function URL"],
        ...["HTTP API, in batches of ten", "The same, provisioned"],
      ],
      rows: [
        ...messageCost(usual).map(({ what }, index) => [
          what,
          ...costs.map((parts) => million(parts[index] ?? { what, dollars: Number.NaN })),
        ]),
        ["**Together**", ...costs.map((parts) => dollars(sum(parts) * 1e6))],
      ],
    },
    {
      head: ["A million times", "More"],
      rows: additions(usual).map((part) => [part.what, million(part)]),
    },
    {
      head: ["A million messages", "Submitted alone", "In batches of ten"],
      rows: submitCost("alone", usual).map((part, index) => [
        part.what,
        million(part),
        million(submitCost("batch", usual)[index] ?? part),
      ]),
    },
    {
      head: ["A month without messages", ""],
      rows: [
        ...idle.map((part) => [part.what, dollars(part.dollars)]),
        ["**Together**", dollars(sum(idle))],
      ],
    },
  ];
};

const whole = (value: number): string => Math.floor(value).toLocaleString("en-US");

/** `25 min`, `10.4 h` or `4.3 d`. */
const inTime = (seconds: number): string => {
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return seconds < 86_400
    ? `${(seconds / 3600).toFixed(1)} h`
    : `${(seconds / 86_400).toFixed(1)} d`;
};

/**
 * Returns the table of the page on operating: how long a backlog of messages that are due takes.
 */
export const backlogTable = (): Table => ({
  head: [
    ...["Stage", "Shards", "Groups", "Memory", "Dispatcher", "Due index", "Table"],
    ...["Messages a second", "10 million", "100 million"],
  ],
  rows: plans.map((plan) => {
    const { dispatcher, dueIndex, table } = boundsOf(plan);
    return [
      ...[plan.what, String(plan.shards), String(plan.groups), `${whole(plan.memoryMb)} MB`],
      ...[dispatcher, dueIndex, table, perSecond(plan)].map(whole),
      ...[1e7, 1e8].map((messages) => inTime(messages / perSecond(plan))),
    ];
  }),
});

if (import.meta.main)
  for (const { head, rows } of [...tables(), backlogTable()]) {
    const lines = [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |\n`);
    print(`${lines.join("")}\n`);
  }

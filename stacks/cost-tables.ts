/** The tables of the page `docs/guides/cost.md`. Run by hand, it prints them. */
import { additions, idleMonth, type Message, messageCost, type Part, sum, usual } from "./cost.ts";

/** Dollars as text: of a million of something that is paid by the piece, or of a month. */
export const dollars = (amount: number): string => `$${amount.toFixed(2)}`;

export type Table = { readonly head: readonly string[]; readonly rows: readonly string[][] };

/** The tables of the page on cost. */
export const tables = (): readonly Table[] => {
  const million = (part: Part): string => dollars(part.dollars * 1e6);
  const url: Message = { ...usual, entrance: "function-url" };
  const urlParts = messageCost(url);
  const apiParts = messageCost(usual);
  const idle = idleMonth();
  return [
    {
      head: ["A million messages", "HTTP API", "Function URL"],
      rows: [
        ...apiParts.map((part, index) => [
          part.what,
          million(part),
          million(urlParts[index] ?? part),
        ]),
        ["**Together**", dollars(sum(apiParts) * 1e6), dollars(sum(urlParts) * 1e6)],
      ],
    },
    {
      head: ["A million times", "More"],
      rows: additions(usual).map((part) => [part.what, million(part)]),
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

if (import.meta.main)
  for (const { head, rows } of tables()) {
    const lines = [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |\n`);
    process.stdout.write(`${lines.join("")}\n`);
  }

/** Says on a page where it comes from, for whoever is about to edit it. */
export const generatedFrom = (source: string): string =>
  `<!-- Made from ${source} by \`npm run docs\`. Edit that, not this. -->`;

export const code = (text: string): string => `\`${text}\``;

/** "a", "a and b", "a, b and c". */
export const listed = (items: readonly string[], last = "and"): string =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} ${last} ${items.at(-1)}`;

/** Returns a table: its head, and rows of as many cells. Set out as the formatter wants it. */
export const tableOf = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] => {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], fill = " "): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(" | ")} |`;
  return [
    line(head),
    line(
      head.map(() => "---"),
      "-",
    ),
    ...rows.map((cells) => line(cells)),
  ];
};

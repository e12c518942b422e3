import type { Table } from "./part.ts";

/** Columns as wide as what is in them; all but the first to the right. */
const columns = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) => {
    const cells = row.map((cell, at) =>
      at === 0 ? cell.padEnd(widths?.[at] ?? 0) : cell.padStart(widths?.[at] ?? 0),
    );
    return `  ${cells.join("   ")}`;
  });
};

/** Tables as text. */
export const rendered = (tables: readonly Table[]): string =>
  tables
    .map(({ title, head, rows, note }) =>
      [title, ...columns([head, ...rows]), ...(note === undefined ? [] : [`  ${note}`]), ""].join(
        "\n",
      ),
    )
    .join("\n");

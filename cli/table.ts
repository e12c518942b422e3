import { type Line, type Piece, type Style, styled } from "../adapters/styled.ts";

/** A column of a table. */
export type Column<Item> = {
  readonly head: string;
  readonly cell: (item: Item) => string;
  readonly style?: (item: Item) => Style | undefined;
  /** Whether the column may be cut where the terminal is too narrow. */
  readonly isFlexible?: boolean;
};

const gap = "  ";
const narrowest = 8;

const lengthOf = (text: string): number => [...text].length;

/** Cuts a text that is longer than a width, with an ellipsis as its last character. */
const cut = (text: string, width: number): string =>
  lengthOf(text) <= width ? text : `${[...text].slice(0, Math.max(0, width - 1)).join("")}…`;

/**
 * Returns how wide each column is: as its widest cell, and together no wider than the terminal as
 * long as flexible columns can give way. Without a terminal nothing is cut.
 */
export const columnsOf = <Item>(
  columns: readonly Column<Item>[],
  items: readonly Item[],
  terminalWidth: number | undefined,
): readonly number[] => {
  const widths = columns.map(({ head, cell }) =>
    Math.max(lengthOf(head), ...items.map((item) => lengthOf(cell(item)))),
  );
  if (terminalWidth === undefined) return widths;
  const total = (): number => widths.reduce((sum, width) => sum + width + gap.length, -gap.length);
  const flexible = columns.flatMap(({ isFlexible }, at) => (isFlexible ? [at] : []));
  for (;;) {
    // The widest gives way first.
    const widest = flexible.reduce<number | undefined>(
      (best, at) => ((widths[at] ?? 0) > (widths[best ?? -1] ?? narrowest) ? at : best),
      undefined,
    );
    if (widest === undefined || total() <= terminalWidth) return widths;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
};

const lineOf = (cells: readonly string[], widths: readonly number[]): readonly string[] =>
  cells.map((text, at) => {
    const width = widths[at] ?? 0;
    const shown = cut(text, width);
    const isLast = at === cells.length - 1;
    return isLast ? shown : `${shown}${" ".repeat(width - lengthOf(shown))}${gap}`;
  });

export const headOf = <Item>(columns: readonly Column<Item>[], widths: readonly number[]): Line =>
  lineOf(
    columns.map(({ head }) => head),
    widths,
  ).map((text): Piece => styled("bold", text));

export const rowOf = <Item>(
  columns: readonly Column<Item>[],
  widths: readonly number[],
  item: Item,
): Line =>
  lineOf(
    columns.map(({ cell }) => cell(item)),
    widths,
  ).map((text, at): Piece => {
    const style = columns[at]?.style?.(item);
    return style === undefined ? text : styled(style, text);
  });

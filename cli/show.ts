import type { Line } from "../adapters/styled.ts";
import type { Io } from "./io.ts";
import { type Column, columnsOf, headOf, rowOf } from "./table.ts";

/** Prints one result: as a JSON object, or in lines for a person. */
export const show = (
  io: Io,
  isJson: boolean | undefined,
  value: object,
  lines: readonly Line[],
): void => {
  if (isJson) io.out(JSON.stringify(value));
  else for (const line of lines) io.out(line);
};

/** So many rows decide how wide the columns are. */
const chunkRows = 100;

/**
 * Prints a list while it is read: a JSON object a line, or a table. Returns how many there were. A
 * reader who is slow is waited for.
 */
export const showList = async <Item extends object>(
  io: Io,
  isJson: boolean | undefined,
  items: AsyncIterable<Item>,
  columns: readonly Column<Item>[],
  itemsMax = Number.POSITIVE_INFINITY,
): Promise<number> => {
  let count = 0;
  let waiting: Item[] = [];
  let widths: readonly number[] | undefined;
  const print = async (line: Line): Promise<void> => {
    if (!io.out(line)) await io.drained();
  };
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const isFirst = widths === undefined;
    widths ??= columnsOf(columns, waiting, io.isTerminal ? io.columns : undefined);
    if (isFirst) await print(headOf(columns, widths));
    for (const item of waiting) await print(rowOf(columns, widths, item));
    waiting = [];
  };
  for await (const item of items) {
    count += 1;
    if (isJson) await print(JSON.stringify(item));
    else waiting.push(item);
    if (waiting.length === chunkRows) await flush();
    if (count >= itemsMax) break;
  }
  await flush();
  return count;
};

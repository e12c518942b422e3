import { showProgress } from "../adapters/terminal.ts";
import type { BundleName } from "../stacks/bundle-names.ts";
import type { Part } from "./bundle-parts.ts";
import type { ImportTimes } from "./start-times.ts";

type Facts = {
  readonly bytes: number;
  readonly gzipBytes: number;
  readonly import: ImportTimes;
};

/** What was measured; times are medians, in milliseconds. */
export type StartReport = {
  readonly machine: {
    readonly node: string;
    readonly processors: number;
    /** Processes that wanted to run in the last minute, on average. */
    readonly load: number;
  };
  readonly bundles: readonly (Facts & {
    readonly name: BundleName;
    readonly parts: readonly Part[];
  })[];
  readonly apiVariants: readonly (Facts & { readonly choice: string })[];
  readonly starts: readonly {
    readonly name: BundleName;
    readonly runtime: string;
    readonly firstPollMs: number;
    readonly firstInvokeMs: number;
    readonly warmInvokeMs: number;
  }[];
};

/** Says what is being done, in place on a terminal. */
export const progress = (text: string): void => {
  showProgress(process.stderr, text);
};

const kilobytes = (bytes: number): string =>
  `${Math.round(bytes / 1000).toLocaleString("en-US")} KB`;
const milliseconds = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;

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

const partsShown = 12;

const partRows = (bundles: StartReport["bundles"]): readonly (readonly string[])[] => {
  const sizes = bundles.map(({ parts }) => new Map(parts.map(({ part, bytes }) => [part, bytes])));
  const totals = new Map<string, number>();
  for (const { part, bytes } of bundles.flatMap(({ parts }) => parts))
    totals.set(part, (totals.get(part) ?? 0) + bytes);
  const largest = [...totals].sort(([, one], [, other]) => other - one).slice(0, partsShown);
  return largest.map(([part]) => [
    part,
    ...sizes.map((each) => (each.has(part) ? kilobytes(each.get(part) ?? 0) : "–")),
  ]);
};

/** The figures, to be read. */
export const report = ({ machine, bundles, apiVariants, starts }: StartReport): string => {
  const deployed = bundles.find(({ name }) => name === "api");
  const against = (value: number, of: number | undefined) => times(value / (of ?? Number.NaN));
  return [
    `Node ${machine.node.slice(1)}, ${machine.processors} processors, load ${machine.load.toFixed(1)}. Times are medians.`,
    "",
    "Bundles",
    ...columns([
      ["", "size", "gzip", "import", "processor"],
      ...bundles.map((each) => [
        ...[each.name, kilobytes(each.bytes), kilobytes(each.gzipBytes)],
        ...[milliseconds(each.import.wallMs), milliseconds(each.import.processorMs)],
      ]),
    ]),
    "",
    "The API's bundle, by one choice after the other; against the one that is deployed",
    ...columns([
      ["", "size", "", "import", "processor", ""],
      ...apiVariants.map((each) => [
        ...[each.choice, kilobytes(each.bytes), against(each.bytes, deployed?.bytes)],
        ...[milliseconds(each.import.wallMs), milliseconds(each.import.processorMs)],
        against(each.import.processorMs, deployed?.import.processorMs),
      ]),
    ]),
    "  The one that is deployed is measured twice: its ratio to itself says how much noise there is.",
    "",
    "Where the bytes come from",
    ...columns([["", ...bundles.map(({ name }) => name)], ...partRows(bundles)]),
    "",
    "Over the Runtime API",
    ...columns([
      ["", "by", "spawn to first poll", "first invoke", "warm invoke"],
      ...starts.map((each) => [
        ...[each.name, each.runtime, milliseconds(each.firstPollMs)],
        ...[milliseconds(each.firstInvokeMs), milliseconds(each.warmInvokeMs)],
      ]),
    ]),
    "",
  ].join("\n");
};

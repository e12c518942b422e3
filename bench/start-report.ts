import type { BundleName } from "../stacks/bundle-names.ts";
import type { Part as BundlePart } from "./bundle-parts.ts";
import type { Table } from "./part.ts";
import type { ImportTimes } from "./start-times.ts";

type Facts = {
  readonly bytes: number;
  readonly gzipBytes: number;
  readonly import: ImportTimes;
};

/** What was measured; times are medians, in milliseconds. */
export type StartReport = {
  readonly bundles: readonly (Facts & {
    readonly name: BundleName;
    readonly parts: readonly BundlePart[];
  })[];
  readonly apiVariants: readonly (Facts & { readonly choice: string })[];
  readonly starts: readonly {
    readonly name: BundleName;
    readonly runtime: string;
    readonly firstPollMs: number;
    readonly firstInvokeMs: number;
    readonly warmInvokeMs: number;
    readonly firstOtherMs?: number;
    readonly nextOtherMs?: number;
  }[];
};

const kilobytes = (bytes: number): string =>
  `${Math.round(bytes / 1000).toLocaleString("en-US")} KB`;
const milliseconds = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;

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

const factsOf = (each: Facts): readonly string[] => [
  ...[kilobytes(each.bytes), kilobytes(each.gzipBytes)],
  ...[milliseconds(each.import.wallMs), milliseconds(each.import.processorMs)],
];

/** The figures, to be read. */
export const startTables = ({ bundles, apiVariants, starts }: StartReport): readonly Table[] => {
  const deployed = bundles.find(({ name }) => name === "api");
  const against = (value: number, of: number | undefined) => times(value / (of ?? Number.NaN));
  return [
    {
      title: "Bundles; times are medians",
      head: ["", "read at start", "gzip", "import", "processor"],
      rows: bundles.map((each) => [each.name, ...factsOf(each)]),
    },
    {
      title: "The API's bundle, by one choice after the other; against the one that is deployed",
      head: ["", "size", "", "import", "processor", ""],
      rows: apiVariants.map((each) => [
        ...[each.choice, kilobytes(each.bytes), against(each.bytes, deployed?.bytes)],
        ...[milliseconds(each.import.wallMs), milliseconds(each.import.processorMs)],
        against(each.import.processorMs, deployed?.import.processorMs),
      ]),
      note: "The one that is deployed is measured twice: its ratio to itself says how much noise there is.",
    },
    {
      title: "Where the bytes come from",
      head: ["", ...bundles.map(({ name }) => name)],
      rows: partRows(bundles),
    },
    {
      title: "Over the Runtime API",
      head: ["", "by", "spawn to first poll", "first invoke", "warm invoke", "first list", "next"],
      rows: starts.map((each) => [
        ...[each.name, each.runtime, milliseconds(each.firstPollMs)],
        ...[milliseconds(each.firstInvokeMs), milliseconds(each.warmInvokeMs)],
        ...[each.firstOtherMs, each.nextOtherMs].map((ms) =>
          ms === undefined ? "–" : milliseconds(ms),
        ),
      ]),
    },
  ];
};

import { auditRules } from "../../domain/audit.ts";
import type { AuditFinding } from "../../domain/audit-rule.ts";
import { printableLine } from "../../domain/printable.ts";
import type { AuditCounts } from "./audit-table.ts";

/** How many messages per rule are shown to a person. */
const examplesMax = 10;

/** Keeps the first few findings of each rule. */
export const keepExamples = () => {
  const shown = new Map<string, number>();
  const examples: AuditFinding[] = [];
  const keep = (finding: AuditFinding): void => {
    const count = (shown.get(finding.rule) ?? 0) + 1;
    shown.set(finding.rule, count);
    if (count <= examplesMax) examples.push(finding);
  };
  return { keep, examples: examples as readonly AuditFinding[] };
};

/** Returns a value as a line of JSON. */
const jsonLine = (value: object): string => `${JSON.stringify(value)}\n`;

const grouped = (count: number): string => count.toLocaleString("en");
const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

/** Returns the progress of an audit in a line. */
export const progressLine = ({ items, findings, readUnits }: AuditCounts, all: number): string => {
  const percent = all > 0 ? ` (${Math.min(100, Math.round((items / all) * 100))} %)` : "";
  const units = counted(Math.round(readUnits), "read unit");
  return `${counted(items, "item")}${percent}, ${counted(findings, "finding")}, ${units}`;
};

/** The on-demand price in us-east-1. Prices change. */
const dollarsPerMillionReadUnits = 0.125;

/** Returns the estimated cost of reading a table of this size. */
export const costLine = (
  table: string,
  { items, bytes }: { readonly items: number; readonly bytes: number },
  unitsPerSecond: number,
): string => {
  const pace = `at most ${counted(unitsPerSecond, "read unit")} a second`;
  if (bytes === 0)
    return `DynamoDB has not counted ${table} yet, so its cost is unknown: ${pace}. Ctrl-C stops it.`;
  // An eventually consistent scan takes half a unit per 4 KiB.
  const units = Math.ceil(bytes / 4096) / 2;
  const dollars = (units / 1e6) * dollarsPerMillionReadUnits;
  const money = dollars < 0.01 ? "less than a cent" : `about $${dollars.toFixed(2)}`;
  return [
    `${table} has about ${counted(items, "item")}. To read them takes about`,
    `${counted(Math.round(units), "read unit")}: ${money} (on demand, us-east-1), ${pace}.`,
  ].join(" ");
};

const statesIn = (byStatus: AuditCounts["byStatus"]): string =>
  Object.entries(byStatus)
    .map(([status, count]) => `${grouped(count)} ${status}`)
    .join(", ") || "none";

const about = (id: string) => auditRules.find((rule) => rule.id === id);

/**
 * Returns the findings for a person, by rule: what is wrong, what to do, and the first few
 * messages.
 */
export const answerText = (
  counts: AuditCounts,
  examples: readonly AuditFinding[],
  endedBy?: string,
): string => {
  const { items, messages, byStatus, unchecked, broken, readUnits } = counts;
  const isWhole = !counts.isPartial && endedBy === undefined;
  const rules = auditRules.filter(({ id }) => broken[id] !== undefined);
  return [
    `${counted(items, "item")} read for ${counted(Math.round(readUnits), "read unit")}${isWhole ? "" : "; there are more"}`,
    `${counted(messages, "message")}: ${statesIn(byStatus)}`,
    ...(unchecked > 0
      ? [
          `The content of ${counted(unchecked, "message")} was not checked: with secret headers that takes the master key (--secret), and after a replay it may be impossible.`,
        ]
      : []),
    "",
    ...rules.flatMap(({ id, wrong, remedy }) => [
      `${id}: ${counted(broken[id] ?? 0, "message")}`,
      `  ${wrong}`,
      `  To do: ${remedy}`,
      ...examples
        .filter(({ rule }) => rule === id)
        .map(({ senderId, messageId, evidence }) => `    ${senderId}/${messageId}: ${evidence}`)
        // Stored values may contain anything, also line ends.
        .map(printableLine),
      ...((broken[id] ?? 0) > examplesMax ? ["    …"] : []),
      "",
    ]),
    ...(rules.length === 0 ? [`Nothing is wrong${isWhole ? "" : " in what was read"}.`] : []),
    ...(endedBy === undefined ? [] : [`The audit ended early: ${endedBy}`]),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
};

/** Returns one finding as a line of JSON. */
export const findingJson = ({ senderId, messageId, rule, evidence }: AuditFinding): string => {
  const { wrong, remedy } = about(rule) ?? {};
  return jsonLine({ type: "finding", senderId, messageId, rule, evidence, wrong, remedy });
};

/** Returns the counts as the last line of JSON. */
export const summaryJson = (counts: AuditCounts, endedBy?: string): string => {
  const isWhole = !counts.isPartial && endedBy === undefined;
  const { isPartial: _, ...rest } = counts;
  return jsonLine({ type: "summary", isWhole, ...rest, endedBy });
};

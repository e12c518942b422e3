import type { Tape } from "./tape.ts";

/** What may befall one call, besides being answered. */
export const callFaults = [
  "crash-before",
  "crash-after",
  "lost-before",
  "lost-after",
  "late",
  "throttled",
  "failed-before",
  "failed-after",
  "slow",
  "frozen-before",
  "frozen-after",
] as const;
export type CallFault = (typeof callFaults)[number];

/** What else may go wrong, by itself. */
export const otherFaults = [
  "record-lost",
  "record-doubled",
  "record-late",
  "record-reordered",
  "record-not-deleted",
  "entry-failed",
  "keys-unprocessed",
  "index-behind",
  "old-item-withheld",
  "dispatcher-doubled",
] as const;
export type OtherFault = (typeof otherFaults)[number];
export type Fault = CallFault | OtherFault;
export const allFaults: readonly Fault[] = [...callFaults, ...otherFaults];

/** In how many of a thousand cases each fault happens in one run. */
export type Odds = Readonly<Record<Fault, number>>;

export const noFaults = Object.fromEntries(allFaults.map((fault) => [fault, 0])) as Odds;

/** The calls that a fault can befall: a target answers as it likes, and a sender does not crash. */
const befalls: Readonly<
  Record<"table" | "queue" | "post" | "request" | "sleep", readonly CallFault[]>
> = {
  table: callFaults,
  queue: callFaults,
  post: [
    ...(["crash-before", "crash-after", "lost-before", "lost-after"] as const),
    ...(["slow", "frozen-before", "frozen-after"] as const),
  ],
  request: ["lost-before", "lost-after", "slow"],
  sleep: [],
};
export type Port = keyof typeof befalls;

/** Draws the fault of one call, if any. Takes one number of the tape. */
export const faultOf = (tape: Tape, odds: Odds, port: Port): CallFault | undefined => {
  const possible = befalls[port].filter((fault) => odds[fault] > 0);
  if (possible.length === 0) return undefined;
  let left = 1000 - tape.choose(1000);
  for (const fault of possible) {
    left -= odds[fault];
    if (left <= 0) return fault;
  }
  return undefined;
};

/** What an observer of the whole would call it. */
export const eventOfFault = (fault: Fault) => {
  if (fault.startsWith("crash")) return "crash" as const;
  if (fault.startsWith("frozen")) return "frozen" as const;
  if (fault.startsWith("record")) return "record" as const;
  return fault.startsWith("lost") || fault.startsWith("failed") || fault === "late"
    ? ("lost-answer" as const)
    : ("other" as const);
};

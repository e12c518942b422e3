import { changeVerbs } from "../../domain/lifecycle.ts";
import { callFaults } from "../../proof/simulation/faults.ts";

/** Every kind of call that the product makes, and what befalls each of them. */
const calls = {
  GetItem: callFaults,
  BatchGetItem: callFaults,
  Query: callFaults,
  PutItem: callFaults,
  UpdateItem: callFaults,
  TransactWriteItems: callFaults,
  SendMessage: callFaults,
  SendMessageBatch: callFaults,
  request: callFaults.filter((fault) => !/^(late|throttled|failed)/.test(fault)),
  POST: ["lost-before", "lost-after", "slow"],
} as const;

const others = [
  "record-lost send",
  "record-doubled send",
  "record-late send",
  "record-reordered receive",
  "record-not-deleted delete",
  "entry-failed SendMessageBatch",
  "keys-unprocessed BatchGetItem",
  "index-behind Query",
  "old-item-withheld PutItem",
  "old-item-withheld UpdateItem",
  "dispatcher-doubled tick",
];

/** What must come of it now and then, or the faults are none. */
const outcomes = [
  ...["submit", ...changeVerbs]
    // It takes a send that fails three times over while a repeat of the same submit marks: rare.
    .filter((verb) => verb !== "rollback")
    .map((verb) => `verb ${verb}`),
  ...["send", "resend", "release", "releaseAsFailed", "releaseAsCancelled", "postpone"].map(
    (act) => `act ${act}`,
  ),
  // What the rules of retries are about, each of them looked at.
  ...["PENDING", "gone", "too-late", "attempts-exhausted", "Retry-After"].map(
    (what) => `policy ${what}`,
  ),
  ...["undisturbed", "delivered", "failed", "unknown"].map((what) => `policy ${what}`),
  "verdict record-dropped",
  "verdict overtaken",
  "set aside",
  "job replay",
  "job cancel",
  ...["committed", "sent", "left", "cancelled", "duplicate", "conflict"].map(
    (what) => `outbox ${what}`,
  ),
  "answered 200",
  "answered 202",
  "answered 409",
  "answered 503",
];

/** What should have happened sometime in many runs, and never did. */
export const missing = (counts: ReadonlyMap<string, number>): readonly string[] => {
  const happened = new Set<string>();
  for (const what of counts.keys()) {
    const [first = "", second = ""] = what.split(" ");
    happened.add(what).add(`${first} ${second}`);
  }
  const wanted = Object.entries(calls).flatMap(([call, faults]) =>
    faults.map((fault) => `${fault} ${call}`),
  );
  return [...wanted, ...others, ...outcomes].filter((what) => !happened.has(what));
};

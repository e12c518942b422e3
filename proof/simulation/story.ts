import { invariants } from "../invariants/promises.ts";
import type { Line } from "./chronicle.ts";
import type { Result } from "./run.ts";

const clock = (ms: number): string => {
  const [minutes, seconds] = [Math.floor(ms / 60_000), (ms % 60_000) / 1000];
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(hours)}:${two(rest)}:${seconds.toFixed(3).padStart(6, "0")}`;
};

/** What happened, a line each: when, who, what. */
const lineOf =
  (start: number) =>
  ({ at, who, what }: Line): string =>
    `  ${clock(at - start)}  ${who.padEnd(13)} ${what}`;

/** What the simulation holds the code to besides the promises: it sees all processes at once. */
const ownPromises = {
  caught: "Whatever the outside does, no error goes where nobody catches it.",
  unprovoked: "While nothing is broken, nothing fails: no error in a log, and no answer of 5xx.",
  answered: "A sender is answered with one of the answers that it was told of.",
  "within-lease": "A request is begun only if it is over before its lease is.",
  "on-time": "Workers and dispatchers end before their time does, unless they were asleep.",
  "by-the-rules":
    "Backoff, Retry-After, 410, attempts and giveUpAt are as documented, and what was heard is said.",
  "not-logged": "No log shows a body, a secret, a key, a signature or the query of a URL.",
  "with-its-payload": "No message fails because what it is to deliver is missing.",
  "for-its-record": "A worker takes only the attempts that it was given a record of.",
  "own-write": "Whoever wrote something knows it, even if the answer to the write was lost.",
  "set-aside":
    "An item that nothing can be done about is moved out of the way, and stays as it is otherwise.",
  "same-over-sdk": "Over ElectroDB and the AWS clients the same happens as over items in memory.",
  "same-in-lockstep":
    "After each step of a walk the real handlers leave what the actors of the model leave.",
  committed: "A message of an outbox exists exactly if its transaction committed, and it says so.",
  jobs: "A job ends, and replays no message twice: each replay has an entry of its own.",
  drained: "A run of the dispatcher in which nothing breaks leaves nothing that was due as it was.",
} as const;

/** What is promised, as a sentence, by its name. */
export const promiseOf = (name: string): string => {
  const sentences: Readonly<Record<string, string>> = { ...invariants, ...ownPromises };
  return sentences[name] ?? "";
};

/**
 * A run as a person can read it: its limits where they matter, what happened, and what broke, with
 * another mark where it had to break.
 */
export const storyOf = (
  { limits, lines, violation, statuses }: Result,
  brokenMark: "✗" | "→" = "✗",
): string => {
  const start = lines[0]?.at ?? 0;
  return [
    ...limits,
    "",
    ...lines.map(lineOf(start)),
    "",
    ...(violation
      ? [
          `${brokenMark} ${violation.invariant}: ${violation.what}${violation.message ? ` (${violation.message})` : ""}`,
          `  The promise: ${promiseOf(violation.invariant)}`,
        ]
      : [`✓ everything holds: ${statuses.join(", ")}`]),
  ].join("\n");
};

import { type Actor, lifecycle, type Row, type Verb, verbs } from "../../domain/lifecycle.ts";
import {
  type FailReason,
  failReasons,
  isTerminal,
  type Status,
  statuses,
} from "../../domain/message.ts";
import { code, generatedFrom, listed, tableOf } from "./markdown.ts";

const rowOf = (verb: Verb): Row => lifecycle[verb];

const actors: Readonly<Record<Actor, string>> = {
  ingestion: "the endpoint that takes `POST /v1/messages`",
  worker: "takes records off the queue and makes the attempts",
  dispatcher: "runs every minute and looks after every message that is due",
  sender: "who submitted the message, through the API",
};

const states: Readonly<Record<Status, string>> = {
  PENDING:
    "The message is stored and, for all we know, not on the queue: it was just submitted, or it waits for a retry or for the time it is scheduled for.",
  QUEUED:
    "A record for its next attempt is on the queue. It may sit there until `notBefore`, when that attempt may begin.",
  PROCESSING:
    "One worker holds the lease for attempt number `attempts`, and is making it. If the worker vanishes, the lease runs out and the dispatcher moves the message on.",
  COMPLETED: "The target answered 2xx.",
  FAILED:
    "It will not be attempted any more: no attempts are left, the answer was final, or it is too late. `failReason` says which.",
  CANCELLED:
    "Its sender cancelled it. An attempt that was in flight by then may have reached the target all the same.",
};

const reasons: Readonly<Record<FailReason, string>> = {
  "attempts-exhausted": "Every attempt that it was allowed has failed.",
  "too-late": "An attempt would begin after `giveUpAt`.",
  gone: "The target answered `410 Gone`: nobody listens there any more.",
  "target-blocked": "The target's address is one that Postrider may not connect to.",
  "payload-missing": "Its headers and body, which are stored apart, are not there.",
  unsendable: "No HTTP request can be made of it.",
};

/** The conditions of the rows in words, by their kind and field; those on what was seen aside. */
const conditions: Readonly<Record<string, string>> = {
  "notAfter notBefore": "`notBefore` has come, give or take the clock margin",
  "notAfter dueAt": "the next check comes by the end of the new lease and the clock margin",
  "absent cancelRequestedAt": "no cancel was asked for",
  "present cancelRequestedAt": "a cancel was asked for",
  "absent erasedAt": "its content was not erased",
  "notAfter leaseUntil": "the lease is over by more than the clock margin",
};

const conditionsOf = (verb: Verb): string => {
  if (verb === "submit") return "there is no such message, or it has expired";
  const row = rowOf(verb);
  const [are, them] = row.seen.length === 1 ? ["is", "it"] : ["are", "them"];
  const seen = `${listed(row.seen.map(code))} ${are} as the caller saw ${them}`;
  const others = (["notAfter", "absent", "present"] as const)
    .flatMap((kind) => row[kind].map((field) => `${kind} ${field}`))
    .map((name) => {
      const inWords = conditions[name];
      if (inWords === undefined) throw new Error(`There are no words for the condition: ${name}`);
      return inWords;
    });
  return [...(row.seen.length > 0 ? [seen] : []), ...others].join("; ") || "–";
};

/** Each pair of states with the verbs that lead from one to the other. */
const arrows = (): readonly string[] => {
  const verbsOf = new Map<string, Verb[]>();
  for (const verb of verbs) {
    const { from, to } = rowOf(verb);
    for (const start of from.length > 0 ? from : ["[*]"]) {
      const arrow = `${start} --> ${to === "same" ? start : to}`;
      verbsOf.set(arrow, [...(verbsOf.get(arrow) ?? []), verb]);
    }
  }
  return [...verbsOf].map(([arrow, labels]) => `  ${arrow}: ${labels.join(", ")}`);
};

const changesTable = (): readonly string[] =>
  tableOf(
    ["Verb", "From", "To", "By", "Only if", "Why"],
    verbs.map((verb) => {
      const { from, to, by, why } = rowOf(verb);
      const start = from.length > 0 ? from.join(", ") : "–";
      return [
        code(verb),
        start,
        to === "same" ? "the same" : to,
        by.join(", "),
        conditionsOf(verb),
        why,
      ];
    }),
  );

const byWhom = (verb: Verb): string => `${code(verb)} (${listed(rowOf(verb).by, "or")})`;

const stateSection = (status: Status): readonly string[] => {
  const enters = verbs.filter((verb) => rowOf(verb).to === status);
  const within = verbs.filter((verb) => rowOf(verb).to === "same" && isFrom(verb, status));
  const leaves = verbs.filter((verb) => rowOf(verb).to !== "same" && isFrom(verb, status));
  return [
    `### ${status}`,
    "",
    states[status],
    "",
    `- Entered by ${listed(enters.map(byWhom))}.`,
    leaves.length > 0
      ? `- Moved on by ${listed(leaves.map(byWhom))}.`
      : "- Moved on by nobody: it has ended.",
    ...(within.length > 0
      ? [`- Changed, and left in this state, by ${listed(within.map(byWhom))}.`]
      : []),
    "",
  ];
};

const isFrom = (verb: Verb, status: Status): boolean => rowOf(verb).from.includes(status);

/**
 * Returns the page on the life of a message, all of it from the table that the code itself obeys.
 */
export const lifecyclePage = (): string =>
  [
    generatedFrom("`domain/lifecycle.ts`"),
    "",
    "# The life of a message",
    "",
    `A message is submitted as PENDING and ends as ${listed(statuses.filter(isTerminal), "or")}. Until`,
    "it has ended, there is always somebody who will move it on.",
    "",
    "```mermaid",
    "stateDiagram-v2",
    ...arrows(),
    "```",
    "",
    "## States",
    "",
    ...statuses.flatMap(stateSection),
    "## Changes",
    "",
    "Every change is one conditional write to the table. If the message is not in a state to start",
    "from, or a condition does not hold, nothing is written, and whoever asked is told so. Nothing",
    "else ever changes the state of a message.",
    "",
    ...changesTable(),
    "",
    "Besides, every change stamps `updatedAt`, and the time of the state that it leads to, such as",
    "`queuedAt`. Every end takes the message out of the index of those that are due.",
    "",
    "A message from which no change leads on, because it is damaged or in a state of a newer version,",
    "is put in [quarantine](../guides/operate.md#messages-in-quarantine) by the dispatcher. That is no",
    "change of state: it marks the message with `quarantinedAt` and moves its next check.",
    "Any change removes the mark.",
    "",
    "## Who makes them",
    "",
    ...Object.entries(actors)
      .filter(([actor]) => verbs.some((verb) => rowOf(verb).by.some((each) => each === actor)))
      .map(([actor, who]) => `- **${actor}**: ${who}.`),
    "",
    "## Why a message FAILED",
    "",
    ...tableOf(
      ["`failReason`", "Means"],
      failReasons.map((reason) => [code(reason), reasons[reason]]),
    ),
    "",
  ].join("\n");

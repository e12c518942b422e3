import type { tableDescription } from "../../entities/table.ts";
import type { TableState } from "../../entities/table-state.ts";
import type { Finding } from "../finding.ts";

/** What each index is for, as far as its absence is felt. */
const missing: Readonly<Record<keyof typeof tableDescription.indexes, Omit<Finding, "about">>> = {
  bySender: {
    level: "note",
    what: "There is no index of all messages: only what FAILED or is unfinished can be listed.",
    todo: "That is right if the stage has listAll: false.",
  },
  due: {
    level: "broken",
    what: "The index due is missing: nothing is sent again after a fault.",
    todo: "Deploy the stack again.",
  },
  failed: {
    level: "broken",
    what: "The index failed is missing: what FAILED cannot be listed or replayed.",
    todo: "Deploy the stack again.",
  },
};

const indexFindings = ({ indexes }: TableState): readonly Finding[] =>
  Object.entries(missing).flatMap(([name, finding]): readonly Finding[] => {
    const status = indexes[name];
    if (status === undefined) return [{ ...finding, about: "indexes" }];
    if (status === "ACTIVE") return [];
    const what = `The index ${name} is ${status}: until it is ACTIVE it lacks messages.`;
    return [{ level: "attention", about: "indexes", what, todo: "Wait, and run doctor again." }];
  });

const expiryFinding = ({ timeToLive }: TableState): Finding => {
  const about = "time-to-live";
  if (timeToLive === undefined)
    return { level: "note", about, what: "Could not read whether expired items are removed." };
  return timeToLive === "ENABLED"
    ? { level: "ok", about, what: "Expired items are removed." }
    : {
        ...{ level: "attention", about, what: `Expired items are not removed: ${timeToLive}.` },
        todo: "Deploy the stack again: without it the table grows for ever.",
      };
};

/** Judges a table on AWS by its state. */
export const tableFindings = (table: string, state: TableState): readonly Finding[] => {
  const indexes = indexFindings(state);
  const isActive = state.status === "ACTIVE" || state.status === "UPDATING";
  return [
    isActive
      ? { level: "ok", about: "table", what: `The table ${table} is ${state.status}.` }
      : {
          ...{ level: "broken", about: "table", what: `The table ${table} is ${state.status}.` },
          todo: "See it in the AWS console, under Tables.",
        },
    ...(indexes.length > 0
      ? indexes
      : [{ level: "ok", about: "indexes", what: "Its indexes are there and ACTIVE." } as const]),
    expiryFinding(state),
  ];
};

import type { Status } from "../../client/answers.ts";

const names = ["id", "status", "target", "reason", "from", "to", "cursor"] as const;
type Name = (typeof names)[number];

/** What the address of the list asks for. A field that is not filled in is absent. */
export type Filter = Readonly<Partial<Record<Name, string>>>;

/** The states that a list can be asked for, with what each of them means. */
export const statusChoices: readonly (readonly [Status | "unfinished", string])[] = [
  ["unfinished", "unfinished: waits or is being delivered"],
  ["PENDING", "PENDING: waits"],
  ["QUEUED", "QUEUED: on the queue"],
  ["PROCESSING", "PROCESSING: an attempt is being made"],
  ["COMPLETED", "COMPLETED: the target accepted it"],
  ["FAILED", "FAILED: given up"],
  ["CANCELLED", "CANCELLED: by its sender"],
];

/** Reads the filter from the query of the list's address. */
export const filterIn = (query: Readonly<Record<string, string>>): Filter =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = query[name]?.trim();
      return value ? [[name, value]] : [];
    }),
  );

/** Returns a time as the interface has it. A form has it in UTC, to the minute. */
export const asMoment = (text: string): string =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? `${text}:00Z` : text;

const queryOf = (members: Readonly<Record<string, string | undefined>>): string => {
  const given = Object.entries(members).filter((pair): pair is [string, string] => !!pair[1]);
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
};

/** Returns the query by which the HTTP interface is asked for a page of the list. */
export const apiQueryOf = ({ status, target, reason, from, to, cursor }: Filter): string =>
  queryOf({
    ...{ status, target, reason, cursor, limit: "50" },
    ...{ from: from && asMoment(from), to: to && asMoment(to) },
  });

/** Returns the address of the list with this filter: each view of it can be linked to. */
export const listPath = (filter: Filter): string => `/dashboard/messages${queryOf(filter)}`;

/** Returns what is asked for, in words: nothing if it is the whole list. */
export const filterInWords = ({ status, target, reason, from, to }: Filter): string =>
  [
    status && `with the status ${status}`,
    reason && `FAILED because of ${reason}`,
    target && `to ${target}`,
    from && `submitted from ${from}`,
    to && `submitted before ${to}`,
  ]
    .filter(Boolean)
    .join(", ");

/** The members of the form of a replay, as texts: what was typed is shown again as it is. */
export const members = [
  "target",
  "reason",
  "status",
  "from",
  "to",
  "rate",
  "canary",
  "stop",
] as const;
type Member = (typeof members)[number];

/** What a person asks for in the form of a replay. A member that was left empty is absent. */
export type ReplayAsked = { readonly [M in Member]?: string };

const defaults = { rate: "10", canary: "on", stop: "50" } as const;

/** Reads the form of a replay. Nothing is judged here: the interface names every fault. */
export const replayAskedIn = (given: Readonly<Record<string, unknown>>): ReplayAsked => ({
  ...defaults,
  ...Object.fromEntries(
    members.flatMap((member) => {
      const value = given[member];
      return typeof value === "string" && value.trim() !== "" ? [[member, value.trim()]] : [];
    }),
  ),
});

/** Returns the query that fills in the form of a replay. */
export const replayQuery = (asked: ReplayAsked): string =>
  new URLSearchParams(Object.entries(asked)).toString();

const isNumber = (text: string): boolean => /^\d+(\.\d+)?$/.test(text);
/** A text that is no number goes to the interface as it is, and is refused there. */
const numberIn = (text: string | undefined): unknown =>
  text !== undefined && isNumber(text) ? Number(text) : text;

const shareIn = (text: string | undefined): unknown =>
  text !== undefined && isNumber(text) ? Number(text) / 100 : text;

/** Returns the body of `POST /v1/jobs` that asks for the same. */
export const jobBodyOf = ({ rate, canary, stop, ...filter }: ReplayAsked) => ({
  action: "replay",
  filter,
  ratePerSecond: numberIn(rate),
  canary: canary === "off" ? false : { failShareMax: shareIn(stop) },
});

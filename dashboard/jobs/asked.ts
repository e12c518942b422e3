import { limits } from "../../domain/limits.ts";

/** The members of the form of a plan, as texts: what was typed is shown again as it is. */
export const members = [
  "action",
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

/** What a job does, as far as the form knows actions. */
export type PlannedAction = "replay" | "cancel";

/** What a person asks for in the form of a plan. A member that was left empty is absent. */
export type PlanAsked = { readonly [M in Member]?: string };

/** A cancel reaches no target: there is nothing to try out first, and nobody to spare. */
const defaults = {
  replay: { action: "replay", rate: "10", canary: "on", stop: "50" },
  cancel: { action: "cancel", rate: String(limits.jobRatePerSecondMax), status: "unfinished" },
} as const;
const ofReplayOnly: readonly string[] = ["reason", "canary", "stop"];

/** Returns what the job of a plan does. */
export const actionOf = ({ action }: PlanAsked): PlannedAction =>
  action === "cancel" ? "cancel" : "replay";

/** Reads the form of a plan. Nothing is judged here: the interface names every fault. */
export const planAskedIn = (given: Readonly<Record<string, unknown>>): PlanAsked => {
  const action = given["action"] === "cancel" ? "cancel" : "replay";
  const typed = members.flatMap((member) => {
    const value = given[member];
    const isOfAction = action === "replay" || !ofReplayOnly.includes(member);
    return typeof value === "string" && value.trim() !== "" && isOfAction
      ? [[member, value.trim()] as const]
      : [];
  });
  return { ...defaults[action], ...Object.fromEntries(typed), action };
};

/** Returns the query that fills in the form of a plan. */
export const planQuery = (asked: PlanAsked): string =>
  new URLSearchParams(Object.entries(asked)).toString();

const isNumber = (text: string): boolean => /^\d+(\.\d+)?$/.test(text);
/** Passes on a text that is not a number: the interface refuses it. */
const numberIn = (text: string | undefined): unknown =>
  text !== undefined && isNumber(text) ? Number(text) : text;

const shareIn = (text: string | undefined): unknown =>
  text !== undefined && isNumber(text) ? Number(text) / 100 : text;

/** Returns the body of `POST /v1/jobs` that asks for the same. */
export const jobBodyOf = ({ action = "replay", rate, canary, stop, ...filter }: PlanAsked) => ({
  action,
  filter,
  ratePerSecond: numberIn(rate),
  ...(action === "replay" && {
    canary: canary === "off" ? false : { failShareMax: shareIn(stop) },
  }),
});

import { type Line, styled } from "../adapters/styled.ts";
import type { Job, JobCount, JobPlan } from "../client/job-answers.ts";
import type { JobAsked } from "../client/requests.ts";
import { spanInWords } from "../domain/duration.ts";
import { membersOf } from "./members.ts";
import { statusStyle } from "./status-style.ts";

/** Dollars for a write unit on demand, in us-east-1. `docs/guides/cost.md` has the same. */
const dollarsPerWriteUnit = 0.625e-6;
const groupsShown = 5;

const costOf = (writeUnits: number): string => {
  const dollars = writeUnits * dollarsPerWriteUnit;
  const shown = dollars < 0.01 ? "less than $0.01" : `about $${dollars.toFixed(2)}`;
  return `${shown} on AWS: ${writeUnits.toLocaleString("en")} write units (on demand, us-east-1); nothing on one machine`;
};

const amountOf = ({ count, isExact }: Pick<JobPlan, "count" | "isExact">): string =>
  `${isExact ? "" : "at least "}${count.toLocaleString("en")} ${count === 1 ? "message" : "messages"}`;

/** Returns a plan for a person. */
export const planLines = (
  plan: JobPlan,
  { action, canary }: Pick<JobAsked, "action" | "canary">,
): readonly Line[] => {
  if (plan.count === 0) return [`No message matches: there is nothing to ${action}.`];
  const more = plan.groups.length - groupsShown;
  const hasCanary = action === "replay" && canary !== false;
  return [
    [styled("bold", `${action === "replay" ? "Replays" : "Cancels"} ${amountOf(plan)}`)],
    ...plan.groups
      .slice(0, groupsShown)
      .map(({ key, count }): Line => `  ${count.toLocaleString("en").padStart(9)}  ${key}`),
    ...(more > 0 ? [`             and ${more} more hosts`] : []),
    ...membersOf({
      costs: costOf(plan.writeUnits),
      takes: `${spanInWords(plan.seconds * 1000)}${hasCanary ? ", and the time for its canaries" : ""}`,
    }),
  ];
};

/** Returns what the messages of a job are now, for a person: the states that there are. */
export const countLines = ({ counted, byStatus, expired }: JobCount): readonly Line[] => {
  if (counted === 0) return ["It has acted on no message yet."];
  const counts = Object.entries({ ...byStatus, expired }).filter(([, count]) => count > 0);
  return [
    [styled("bold", `Now, of ${counted.toLocaleString("en")} messages`)],
    ...counts.map(([what, count]): Line => `  ${count.toLocaleString("en").padStart(9)}  ${what}`),
  ];
};

const filterText = (filter: Job["filter"]): string =>
  Object.entries(filter)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
    .join(", ") || "all";

/** Returns a job for a person. */
export const jobLines = (job: Job): readonly Line[] => {
  const { jobId, status, why, action, progress, canDo } = job;
  return [
    [styled("bold", jobId), "  ", styled(statusStyle(status), status), `  ${action}`],
    why,
    ...membersOf({
      filter: filterText(job.filter),
      planned: amountOf(job.plan),
      done: progress.done,
      "not possible": progress.failed || undefined,
      left: progress.left || undefined,
      scheduled: progress.scheduled || undefined,
      rate: `${job.ratePerSecond} a second`,
      created: job.createdAt,
      ended: job.endedAt,
    }),
    ...(canDo.length === 0
      ? []
      : [`You can: ${canDo.map((verb) => `postrider jobs ${verb} ${jobId}`).join(", ")}`]),
  ];
};

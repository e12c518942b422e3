import { html } from "hono/html";
import { jobStatusesFor } from "../../domain/job.ts";
import type { Html } from "../html.ts";
import type { PlanAsked } from "../jobs/asked.ts";
import { messagesInWords } from "../jobs/in-words.ts";
import { planPath } from "../jobs/paths.ts";
import { asMoment, type Filter } from "./filter.ts";

const { replay, cancel } = jobStatusesFor;
const isOneOf = (statuses: readonly string[], status: string): boolean => statuses.includes(status);

const actionFor = (status: string): "replay" | "cancel" | undefined => {
  if (isOneOf(replay, status)) return "replay";
  return isOneOf(cancel, status) ? "cancel" : undefined;
};

/** The list of a status leads to the plan of what can be done with all of its messages. */
export const planLink = ({ status, target, reason, from, to }: Filter): Html | string => {
  const action = status === undefined ? undefined : actionFor(status);
  if (status === undefined || action === undefined) return "";
  const asked: PlanAsked = {
    ...{ action, status },
    ...(target && { target }),
    ...(reason && action === "replay" && { reason }),
    ...(from && { from: asMoment(from) }),
    ...(to && { to: asMoment(to) }),
  };
  const which = messagesInWords(asked as Parameters<typeof messagesInWords>[0]);
  return html`<p class="after"><a class="button" href="${planPath(asked)}">Plan a ${action} of all ${which}</a></p>`;
};

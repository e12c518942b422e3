import { html } from "hono/html";
import { jobStatusesFor } from "../../domain/job.ts";
import { limits } from "../../domain/limits.ts";
import { failReasons } from "../../domain/message.ts";
import type { Html } from "../html.ts";
import { when } from "../shown.ts";
import { actionOf, type PlanAsked } from "./asked.ts";
import { jobsPath } from "./paths.ts";

const field = (name: string, label: string, input: Html, hint?: string): Html =>
  html`<p class="field"><label for="${name}">${label}</label>${input}
${hint ? html`<span class="hint" id="${name}-hint">${hint}</span>` : ""}</p>`;

const text = (name: "target" | "from" | "to", asked: PlanAsked, placeholder: string): Html =>
  html`<input id="${name}" name="${name}" value="${asked[name] ?? ""}" placeholder="${placeholder}" spellcheck="false" autocomplete="off">`;

const choice = (
  name: "reason" | "status" | "canary",
  chosen: string | undefined,
  options: readonly (readonly [value: string, label: string])[],
): Html =>
  html`<select id="${name}" name="${name}">${options.map(
    ([value, label]) =>
      html`<option value="${value}"${when(value === (chosen ?? ""), "selected")}>${label}</option>`,
  )}</select>`;

const numeric = (name: "rate" | "stop", value: string | undefined): Html =>
  html`<input id="${name}" name="${name}" value="${value ?? ""}" inputmode="decimal" size="5" aria-describedby="${name}-hint">`;

const canaries = [
  ["on", "1 message, then 10, then all others"],
  ["off", "all at once"],
] as const;

const whichMessages = (asked: PlanAsked): Html => {
  const action = actionOf(asked);
  const [first] = jobStatusesFor[action];
  return html`<fieldset><legend>Which messages</legend>
${field(
  "status",
  "Status",
  choice(
    "status",
    asked.status ?? first,
    jobStatusesFor[action].map((each) => [each, each] as const),
  ),
)}
${action === "replay" ? field("reason", "Cause", choice("reason", asked.reason, [["", "any"], ...failReasons.map((each) => [each, each] as const)])) : ""}
${field("target", "Target", text("target", asked, "all"), "A host, or a whole URL")}
${field("from", "From", text("from", asked, "any time"), "A time such as 2026-01-31T12:00:00Z")}
${field("to", "Before", text("to", asked, "any time"))}
</fieldset>`;
};

const stopFields = (asked: PlanAsked): Html =>
  html`${field("canary", "Begin with", choice("canary", asked.canary, canaries))}
${field("stop", "Stop if more than this share of the first ones fails again, in %", numeric("stop", asked.stop), "0 to 100")}`;

/**
 * Returns the form of a plan: which messages, how fast, and when a replay stops by itself. It
 * changes nothing.
 */
export const planForm = (
  asked: PlanAsked,
): Html => html`<form class="card" method="get" action="${jobsPath}/plan">
<input type="hidden" name="action" value="${actionOf(asked)}">
${whichMessages(asked)}
<fieldset><legend>How</legend>
${field("rate", "Messages a second", numeric("rate", asked.rate), `1 to ${limits.jobRatePerSecondMax}`)}
${actionOf(asked) === "replay" ? stopFields(asked) : ""}
</fieldset>
<p class="actions"><button>Plan again</button></p>
</form>`;

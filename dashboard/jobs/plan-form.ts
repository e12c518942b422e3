import { html } from "hono/html";
import { limits } from "../../domain/limits.ts";
import { failReasons } from "../../domain/message.ts";
import type { Html } from "../html.ts";
import { when } from "../shown.ts";
import type { ReplayAsked } from "./asked.ts";
import { planPath } from "./paths.ts";

const field = (name: string, label: string, input: Html, hint?: string): Html =>
  html`<p class="field"><label for="${name}">${label}</label>${input}
${hint ? html`<span class="hint" id="${name}-hint">${hint}</span>` : ""}</p>`;

const text = (name: "target" | "from" | "to", asked: ReplayAsked, placeholder: string): Html =>
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

const statuses = [
  ["FAILED", "FAILED"],
  ["CANCELLED", "CANCELLED"],
  ["COMPLETED", "COMPLETED"],
] as const;

const canaries = [
  ["on", "1 message, then 10, then all others"],
  ["off", "all at once"],
] as const;

/** The form of a replay: which messages, how fast, and when it stops by itself. It changes nothing. */
export const planForm = (
  asked: ReplayAsked,
): Html => html`<form class="card" method="get" action="${planPath()}">
<fieldset><legend>Which messages</legend>
${field("status", "Status", choice("status", asked.status ?? "FAILED", statuses))}
${field("reason", "Cause", choice("reason", asked.reason, [["", "any"], ...failReasons.map((each) => [each, each] as const)]))}
${field("target", "Target", text("target", asked, "all"), "A host, or a whole URL")}
${field("from", "From", text("from", asked, "any time"), "A time such as 2026-01-31T12:00:00Z")}
${field("to", "Before", text("to", asked, "any time"))}
</fieldset>
<fieldset><legend>How</legend>
${field("rate", "Messages a second", numeric("rate", asked.rate), `1 to ${limits.jobRatePerSecondMax}`)}
${field("canary", "Begin with", choice("canary", asked.canary, canaries))}
${field("stop", "Stop if more than this share of the first ones fails again, in %", numeric("stop", asked.stop), "0 to 100")}
</fieldset>
<p class="actions"><button>Plan again</button></p>
</form>`;

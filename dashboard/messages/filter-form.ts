import { html } from "hono/html";
import { failReasons } from "../../domain/message.ts";
import type { Html } from "../html.ts";
import { when } from "../shown.ts";
import { type Filter, listPath, statusChoices } from "./filter.ts";

const quick: readonly (readonly [name: string, filter: Filter])[] = [
  ["All", {}],
  ["Unfinished", { status: "unfinished" }],
  ["Failed", { status: "FAILED" }],
];

const isQuick = (filter: Filter, { status }: Filter): boolean =>
  filter.status === status && !filter.target && !filter.reason && !filter.from && !filter.to;

/** Returns the lists that are asked for most, as links. */
export const quickLists = (filter: Filter): Html => html`<nav class="tabs" aria-label="Lists">
${quick.map(
  ([name, each]) =>
    html`<a class="tab" href="${listPath(each)}"${when(isQuick(filter, each), 'aria-current="page"')}>${name}</a>`,
)}</nav>`;

const field = (name: string, label: string, input: Html): Html =>
  html`<p class="field"><label for="${name}">${label}</label>${input}</p>`;

const timeField = (name: "from" | "to", label: string, filter: Filter): Html =>
  field(
    name,
    label,
    html`<input id="${name}" name="${name}" type="datetime-local" value="${filter[name]?.slice(0, 16) ?? ""}">`,
  );

/** A link has led to the failures of one reason: the field is there to leave them by. */
const reasonField = ({ reason }: Filter): Html | string =>
  reason === undefined
    ? ""
    : field(
        "reason",
        "Reason",
        html`<select id="reason" name="reason"><option value="">any</option>${failReasons.map(
          (each) =>
            html`<option value="${each}"${when(each === reason, "selected")}>${each}</option>`,
        )}</select>`,
      );

/** Returns the form of the filter. It is sent by GET: the filter is in the address. */
export const filterForm = (
  filter: Filter,
): Html => html`<form class="filter" method="get" action="${listPath({})}" role="search" aria-label="Messages">
${field("id", "Message id", html`<input id="id" name="id" value="${filter.id ?? ""}" spellcheck="false" autocomplete="off" placeholder="whole id">`)}
${field(
  "status",
  "Status",
  html`<select id="status" name="status"><option value="">any</option>${statusChoices.map(
    ([value, label]) =>
      html`<option value="${value}"${when(filter.status === value, "selected")}>${label}</option>`,
  )}</select>`,
)}
${reasonField(filter)}
${field("target", "Target", html`<input id="target" name="target" value="${filter.target ?? ""}" spellcheck="false" autocomplete="off" placeholder="host or URL">`)}
${timeField("from", "From (UTC)", filter)}
${timeField("to", "Before (UTC)", filter)}
<p class="field"><button class="main">Search</button></p>
</form>`;

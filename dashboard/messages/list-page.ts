import { html } from "hono/html";
import type { MessagePage, Problem } from "../../client/answers.ts";
import type { Answered } from "../ask.ts";
import type { Html } from "../html.ts";
import { counted } from "../shown.ts";
import { type Filter, filterInWords, listPath } from "./filter.ts";
import { planLink } from "./plan-link.ts";
import { messageTable } from "./rows.ts";

export type ListFacts = {
  readonly filter: Filter;
  readonly answer: Answered<MessagePage>;
  readonly senderId: string;
  readonly origin: string;
  readonly now: number;
};

/** Returns how the first message is sent, for whoever has none yet. */
const firstMessage = ({ senderId, origin, now }: ListFacts): Html => {
  const message = {
    ...{ messageId: "hello-1", senderId, timestamp: new Date(now).toISOString() },
    ...{ targetUrl: "https://example.com/hook", body: { hello: "world" } },
  };
  const command = `curl -s ${origin}/v1/messages \\
  -H "authorization: Bearer $POSTRIDER_KEY" \\
  -H 'content-type: application/json' \\
  -d '${JSON.stringify(message)}'`;
  return html`<div class="empty"><h2>${senderId} has no messages yet</h2>
<p>A message is here as soon as it was accepted, and for as long as it is kept. Send the first one:</p>
<pre id="first" tabindex="0">${command}</pre>
<p><button type="button" class="copy" data-copy="#first" hidden>Copy</button></p></div>`;
};

/** An empty page says whether there is more to search: a page examines so many messages only. */
const noMatch = ({ filter }: ListFacts, next: string | null): Html => html`<div class="empty">
<h2>No message ${filterInWords(filter) || "here"}</h2>
${
  next
    ? html`<p>None of those that were examined matches. There are older ones.</p>
<p><a class="button" href="${listPath({ ...filter, cursor: next })}">Search further back</a></p>`
    : html`<p>All messages that are kept were searched. Older ones have expired.</p>
<p><a class="button" href="${listPath({})}">Show all messages</a></p>`
}</div>`;

const refused = (
  filter: Filter,
  { title, detail, issues = [] }: Problem,
): Html => html`<div class="empty" role="alert">
<h2>${title}</h2>
${
  issues.length > 0
    ? html`<ul>${issues.map(({ path, message }) => html`<li><b>${path.join(".")}</b> ${message}</li>`)}</ul>`
    : html`<p>${detail}</p>`
}
${filter.cursor ? html`<p><a href="${listPath({ ...filter, cursor: undefined })}">Begin with the newest</a></p>` : ""}
</div>`;

const isWhole = ({ filter }: ListFacts): boolean =>
  Object.values(filter).every((value) => value === undefined);

/** Returns the part of the page that is refreshed: the list, or why there is none. */
export const listFragment = (facts: ListFacts): Html => {
  const { filter, answer, now } = facts;
  if (answer.kind === "refused") return refused(filter, answer.problem);
  const { items, nextCursor } = answer.value;
  if (items.length === 0) return isWhole(facts) ? firstMessage(facts) : noMatch(facts, nextCursor);
  const caption = `${counted(items.length, "message")} ${filterInWords(filter)}, newest first`;
  return html`${planLink(filter)}${messageTable(items, caption.replace(" ,", ","), now)}
<p class="pages">${filter.cursor ? html`<a href="${listPath({ ...filter, cursor: undefined })}">Newest</a>` : ""}
${nextCursor ? html`<a rel="next" href="${listPath({ ...filter, cursor: nextCursor })}">Older</a>` : html`<span class="soft">There are no older ones.</span>`}</p>`;
};

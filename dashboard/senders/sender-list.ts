import { html } from "hono/html";
import { tokenOf } from "../form.ts";
import type { Html } from "../html.ts";
import type { Session } from "../session.ts";
import { away, counted, given } from "../shown.ts";
import type { Listed, SenderSummary } from "./answers.ts";

export const sendersPath = "/dashboard/senders";
export const senderPath = (senderId: string): string => `${sendersPath}/${senderId}`;

/** Returns the defaults of a sender in words; of one without any, those of the service hold. */
export const defaultsInWords = ({ defaults }: SenderSummary): string => {
  const { retry: { maxAttempts, schedule } = {}, timeoutMs, retentionDays } = defaults;
  const parts = [
    maxAttempts && counted(maxAttempts, "attempt"),
    schedule && `waits ${schedule.join(", ")}`,
    timeoutMs && `time-out ${timeoutMs} ms`,
    retentionDays && `kept ${counted(retentionDays, "day")}`,
  ].filter(Boolean);
  return parts.length === 0 ? "those of the service" : parts.join("; ");
};

const row = (sender: SenderSummary, now: number): Html => html`<tr>
<th scope="row"><a href="${senderPath(sender.senderId)}">${given(sender.senderId)}</a></th>
<td data-label="Defaults">${defaultsInWords(sender)}</td><td class="time" data-label="Created">${away(sender.createdAt, now)}</td></tr>`;

const newSender = (
  session: Session,
): Html => html`<details id="new-sender" class="card"><summary>New sender</summary>
<form method="post" action="${sendersPath}">${tokenOf(session)}
<p class="field"><label for="senderId">Sender id</label><input id="senderId" name="senderId" required spellcheck="false" autocomplete="off" pattern="[A-Za-z0-9_.:\\-]{1,128}">
<small>Letters, digits and _ . : -. It cannot be changed.</small></p>
<p class="actions"><button class="main">Create sender with a key and a signing secret</button></p></form></details>`;

/** Returns the list of senders, and the form that makes one. */
export const senderList = (
  { items, nextCursor }: Listed<SenderSummary>,
  { session, now, mayWrite }: { session: Session; now: number; mayWrite: boolean },
): Html => html`<h1>Senders</h1>
${
  items.length === 0
    ? html`<div class="empty"><h2>There is no sender yet</h2><p>A sender is a system of yours that hands over messages. It has keys, and a secret that its messages are signed with.</p></div>`
    : html`<div class="scroll"><table class="list"><caption>Senders by their ids</caption>
<thead><tr><th scope="col">Sender</th><th scope="col">Defaults of its messages</th><th scope="col">Created</th></tr></thead>
<tbody>${items.map((sender) => row(sender, now))}</tbody></table></div>`
}
<p class="pages">${nextCursor ? html`<a rel="next" href="${sendersPath}?${new URLSearchParams({ cursor: nextCursor })}">More</a>` : ""}</p>
${mayWrite ? newSender(session) : ""}`;

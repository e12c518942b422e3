import { html } from "hono/html";
import { scopes } from "../../domain/api-key.ts";
import { limits } from "../../domain/limits.ts";
import { tokenOf } from "../form.ts";
import type { Html } from "../html.ts";
import type { Session } from "../session.ts";
import { away, given } from "../shown.ts";
import type { Key, Listed } from "./answers.ts";
import { senderPath } from "./sender-list.ts";

const isOver = ({ revokedAt, expiresAt }: Key, now: number): boolean =>
  revokedAt !== undefined || (expiresAt !== undefined && Date.parse(expiresAt) <= now);

const stateOf = ({ revokedAt, expiresAt }: Key, now: number): Html => {
  if (revokedAt)
    return html`<span class="badge none"><span aria-hidden="true">○</span> revoked</span> ${away(revokedAt, now)}`;
  if (!expiresAt)
    return html`<span class="badge good"><span aria-hidden="true">✓</span> valid</span>`;
  return Date.parse(expiresAt) > now
    ? html`<span class="badge good"><span aria-hidden="true">✓</span> valid</span> expires ${away(expiresAt, now)}`
    : html`<span class="badge none"><span aria-hidden="true">○</span> expired</span> ${away(expiresAt, now)}`;
};

const row = (senderId: string, key: Key, now: number, mayWrite: boolean): Html => html`<tr>
<th scope="row" class="code">${key.keyId}</th><td data-label="Label">${given(key.label)}</td>
<td data-label="May">${key.scopes.map((scope) => scope.replace("messages:", "")).join(", ")}</td>
<td>${stateOf(key, now)}</td><td class="time" data-label="Made">${away(key.createdAt, now)}</td>
<td>${mayWrite && !isOver(key, now) ? html`<a href="${senderPath(senderId)}/keys/${key.keyId}/revoke">Revoke<span class="unseen"> the key ${key.keyId}</span></a>` : ""}</td></tr>`;

const newKey = (
  senderId: string,
  session: Session,
): Html => html`<details id="new-key"><summary>New key</summary>
<form method="post" action="${senderPath(senderId)}/keys">${tokenOf(session)}
<p class="field"><label for="label">Label: who has the key, and what for</label><input id="label" name="label" required maxlength="${limits.labelCharsMax}" autocomplete="off"></p>
<fieldset><legend>May</legend>
${scopes.map((scope) => html`<p><label><input type="checkbox" name="${scope}" value="yes" checked>${scope === "messages:write" ? "submit and steer messages" : "read messages"}</label></p>`)}
</fieldset>
<p class="field"><label for="expiresAt">Expires, in UTC (empty: never)</label><input id="expiresAt" name="expiresAt" type="datetime-local"></p>
<p class="actions"><button class="main">Create a key of ${senderId}</button></p></form></details>`;

export type KeysFacts = {
  readonly session: Session;
  readonly now: number;
  readonly mayWrite: boolean;
};

/** Returns the keys of a sender, and the form that makes one. */
export const keysCard = (
  senderId: string,
  { items, nextCursor }: Listed<Key>,
  { session, now, mayWrite }: KeysFacts,
): Html => html`<section class="card"><h2>Keys</h2>
<div class="scroll"><table class="list"><caption>Each is shown once, when it is created.</caption>
<thead><tr><th scope="col">Key</th><th scope="col">Label</th><th scope="col">May</th><th scope="col">State</th><th scope="col">Made</th><th scope="col"><span class="unseen">Revoke</span></th></tr></thead>
<tbody>${items.map((key) => row(senderId, key, now, mayWrite))}</tbody></table></div>
${nextCursor ? html`<p class="pages"><a rel="next" href="${senderPath(senderId)}?${new URLSearchParams({ cursor: nextCursor })}">More keys</a></p>` : ""}
${mayWrite ? newKey(senderId, session) : ""}</section>`;

/** Returns the page that asks before a key is revoked. */
export const revokeQuestion = (
  senderId: string,
  keyId: string,
  session: Session,
): Html => html`<section class="card confirm">
<h1>Revoke this key?</h1>
<dl class="facts"><dt>Key</dt><dd class="code">${given(keyId)}</dd><dt>Sender</dt><dd class="code">${given(senderId)}</dd></dl>
<p>Within a minute, requests with it are refused everywhere. This cannot be undone.</p>
<form method="post" action="${senderPath(senderId)}/keys/${keyId}/revoke">${tokenOf(session)}
<p class="actions"><button class="danger">Revoke the key ${given(keyId)}</button> <a class="button" href="${senderPath(senderId)}">Do nothing</a></p></form></section>`;

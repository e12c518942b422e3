import { html } from "hono/html";
import { tokenOf } from "../form.ts";
import type { Html } from "../html.ts";
import type { Session } from "../session.ts";
import { away, moment } from "../shown.ts";
import type { Secret, Sender } from "./answers.ts";
import { senderPath } from "./sender-list.ts";

/**
 * Returns the span of time that is drawn: from the newest secret's beginning to the last one's end.
 */
export const spanOf = (secrets: readonly Secret[], now: number) => {
  const newest = Math.max(...secrets.map(({ createdAt }) => Date.parse(createdAt)));
  const ends = secrets.flatMap(({ expiresAt }) => (expiresAt ? [Date.parse(expiresAt)] : []));
  const [from, to] = [Math.min(newest, now), Math.max(...ends, now)];
  const margin = Math.max((to - from) * 0.15, 60_000);
  return { from: from - margin, to: to + margin };
};

/** Draws when each secret signs. Where two lie above each other, both sign. */
const drawn = (secrets: readonly Secret[], now: number): Html => {
  const { from, to } = spanOf(secrets, now);
  const at = (ms: number): number => Math.min(100, Math.max(0, (100 * (ms - from)) / (to - from)));
  const percent = (share: number): string => `${share.toFixed(2)}%`;
  const bar = ({ secretId, createdAt, expiresAt }: Secret): Html => {
    const begins = at(Date.parse(createdAt));
    const ends = expiresAt === undefined ? 100 : at(Date.parse(expiresAt));
    return html`<li><span class="code">${secretId}</span>
<svg class="bar" height="18" width="100%"><rect class="back" width="100%" height="18"/>
<rect class="${expiresAt === undefined ? "signs" : "ends"}" x="${percent(begins)}" y="2" width="${percent(Math.max(0.5, ends - begins))}" height="14" rx="2"/>
<line class="now" x1="${percent(at(now))}" x2="${percent(at(now))}" y1="0" y2="18"/></svg></li>`;
  };
  return html`<ol class="overlap" aria-hidden="true">${secrets.map(bar)}</ol>
<p class="hint" aria-hidden="true">The line marks now.</p>`;
};

const untilOf = ({ expiresAt }: Secret, now: number): Html => {
  if (expiresAt === undefined) return html`signs`;
  return Date.parse(expiresAt) > now
    ? html`signs until ${moment(expiresAt)} (${away(expiresAt, now)})`
    : html`ended ${away(expiresAt, now)}`;
};

const table = (
  secrets: readonly Secret[],
  now: number,
): Html => html`<div class="scroll"><table class="list"><caption>Newest first. Each is shown once, when it is created.</caption>
<thead><tr><th scope="col">Secret</th><th scope="col">Made</th><th scope="col">Signs</th></tr></thead>
<tbody>${secrets.map(
  (secret) => html`<tr><th scope="row" class="code">${secret.secretId}</th>
<td class="time" data-label="Made">${away(secret.createdAt, now)}</td><td>${untilOf(secret, now)}</td></tr>`,
)}</tbody></table></div>`;

const rotate = (
  { senderId }: Sender,
  session: Session,
): Html => html`<details id="rotate"><summary>Rotate the secret</summary>
<form method="post" action="${senderPath(senderId)}/rotate">${tokenOf(session)}
<p>A new secret signs from now on. The previous ones sign as well until the overlap ends: give the new one to your receivers before that.</p>
<p class="field"><label for="overlap">Overlap</label><input id="overlap" name="overlap" value="24h" required pattern="[0-9]{1,9}(ms|s|m|h|d)" spellcheck="false">
<small>Such as 24h or 7d. 0s ends the previous secrets at once, for a leaked one.</small></p>
<p class="actions"><button class="main">Rotate the secret of ${senderId}</button></p></form></details>`;

/** Returns the signing secrets of a sender, and the form that rotates them. */
export const secretsCard = (
  sender: Sender,
  { session, now, mayWrite }: { session: Session; now: number; mayWrite: boolean },
): Html => {
  const secrets = sender.signingSecrets;
  return html`<section class="card"><h2>Signing secrets</h2>
${secrets.length > 1 ? drawn(secrets, now) : ""}
${table(secrets, now)}
${mayWrite ? rotate(sender, session) : ""}</section>`;
};

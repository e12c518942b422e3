import { html } from "hono/html";
import type { Attempt, HistoryEvent, Message, Why } from "../../client/answers.ts";
import { hostOf } from "../../domain/target-host.ts";
import { fragment, spoken } from "../fragment.ts";
import type { Html } from "../html.ts";
import { listPath } from "../messages/filter.ts";
import type { Session } from "../session.ts";
import { away, badge, given, moment } from "../shown.ts";
import { actionLinks } from "./actions.ts";
import { attemptList } from "./attempts.ts";
import { elsewhere } from "./elsewhere.ts";
import { timeline } from "./timeline.ts";

export type MessageFacts = {
  readonly message: Message;
  readonly why: Why;
  readonly events: readonly HistoryEvent[];
  readonly path: string;
  readonly origin: string;
  readonly session: Session;
  readonly now: number;
};

/** Of a message that has ended, nothing is said of what comes next. */
const hasEnded = ({ status }: Message): boolean =>
  status === "COMPLETED" || status === "FAILED" || status === "CANCELLED";

const lead = ({
  message,
  why,
  path,
  session,
  now,
}: MessageFacts): Html => html`<p class="state">${badge(message.status)}
<span class="soft">submitted ${away(message.createdAt, now)}</span></p>
<p class="lead">${given(why.why)} ${hasEnded(message) ? "" : given(why.next)}</p>
${actionLinks(path, why.canDo, session)}`;

const row = (name: string, value: Html | string): Html => html`<dt>${name}</dt><dd>${value}</dd>`;

const optional = (name: string, iso: string | undefined): Html | string =>
  iso === undefined ? "" : row(name, moment(iso));

/** Returns the list of all messages to the same host. The target itself is never a link. */
const sameHost = ({ targetUrl }: Message): Html => {
  const target = hostOf(targetUrl);
  return html`<a href="${listPath({ target })}" title="All messages to this host">${given(target)}</a>`;
};

const facts = ({ message }: MessageFacts): Html => html`<h2>Message</h2>
<dl class="facts">
${row("Target", given(message.targetUrl))}
${row("Host", sameHost(message))}
${row("Method", given(message.method))}
${row("Sender", given(message.senderId))}
${row("Attempts", `${message.attempts} of ${message.attemptsAllowed}`)}
${message.replays > 0 ? row("Replays", String(message.replays)) : ""}
${row("Submitted", moment(message.createdAt))}
${optional("Not before", message.notBefore)}
${row("Given up at", moment(message.giveUpAt))}
${optional("Failed", message.failedAt)}
${message.failReason === undefined ? "" : row("Reason", given(message.failReason))}
${optional("Cancel asked for", message.cancelRequestedAt)}
${optional("Erased", message.erasedAt)}
${row("Kept until", moment(message.expiresAt))}
</dl>`;

const headerList = (headers: Readonly<Record<string, string>>): Html => {
  const all = Object.entries(headers);
  if (all.length === 0) return html`<p class="soft">The message has no headers of its own.</p>`;
  return html`<dl class="facts code">${all.map(([name, value]) => row(name, given(value)))}</dl>`;
};

const request = ({ message: { headers, redact, erasedAt }, path }: MessageFacts): Html =>
  html`<h2>Request</h2>
${
  erasedAt === undefined
    ? html`${headerList(headers ?? {})}<p><a class="button" href="${path}/body">Show the body</a></p>`
    : html`<p>The content was erased.</p>`
}
<p class="hint">Values of secret headers are masked.${
    redact ? ` Redacted at the sender's wish: ${redact.join(", ")}.` : ""
  }</p>`;

const attemptsIn = (events: readonly HistoryEvent[]): readonly Attempt[] =>
  events.filter((event) => event.kind === "attempt");

/** Returns the page of one message: why it is where it is, what happened, and what can be done. */
export const messageMain = (page: MessageFacts): Html => {
  const { message, events, origin, now } = page;
  const { messageId } = message;
  return html`<p class="crumbs"><a href="${listPath({})}">Messages</a></p>
<h1>${given(messageId)}</h1>
${spoken(`The message is ${message.status}.`)}
${fragment("lead", lead(page))}
<div class="columns"><div>
<section class="card">${fragment("attempts", attemptList(attemptsIn(events), now))}</section>
<section class="card">${fragment("timeline", timeline(events))}</section>
</div><div>
<section class="card">${fragment("facts", facts(page))}</section>
<section class="card">${request(page)}</section>
<section class="card"><h2>Elsewhere</h2>${elsewhere({ origin, messageId, path: "/why", verb: "why" })}</section>
</div></div>`;
};

import { html } from "hono/html";
import type { ListedMessage } from "../../client/answers.ts";
import { idInPath } from "../../domain/ids.ts";
import type { Html } from "../html.ts";
import { away, badge, distance, given } from "../shown.ts";

/** Returns the address of the page of a message. */
export const messagePath = (messageId: string): string =>
  `/dashboard/messages/${idInPath(messageId)}`;

/** A failure in a few words: the page of the message has the whole sentence. */
const words: Readonly<Record<string, string>> = {
  ...{ dns: "its name was not found", connect: "no connection", tls: "no secure connection" },
  ...{ timeout: "no answer in time", reset: "the connection broke off", protocol: "no HTTP" },
  unknown: "the worker was lost",
  "attempts-exhausted": "no attempt is left",
  "too-late": "giveUpAt has passed",
  gone: "the target answered 410 Gone",
  "target-blocked": "the target's address is not allowed",
  "payload-missing": "its content is missing",
  unsendable: "no request can be made of it",
};

const lastInWords = ({ lastOutcome: last }: ListedMessage): string => {
  if (!last) return "";
  return last.status === undefined ? (words[last.class] ?? last.class) : `answered ${last.status}`;
};

/** Returns what happens next to a message, or what became of it, in a few words. */
const inWords = (message: ListedMessage, now: number): string => {
  const { status, attempts, attemptsAllowed, notBefore, failReason = "" } = message;
  const last = lastInWords(message);
  switch (status) {
    case "PENDING":
    case "QUEUED": {
      const at = notBefore && Date.parse(notBefore) > now ? distance(notBefore, now) : "now";
      return `attempt ${attempts + 1} of ${attemptsAllowed} ${at}${last && `; last: ${last}`}`;
    }
    case "PROCESSING":
      return `attempt ${attempts} of ${attemptsAllowed} is being made`;
    case "FAILED":
      return [...new Set([last, words[failReason] ?? failReason])].filter(Boolean).join("; ");
    default:
      return last;
  }
};

const row = (message: ListedMessage, now: number): Html => html`<tr>
<td>${badge(message.status)}</td>
<th scope="row"><a href="${messagePath(message.messageId)}">${given(message.messageId)}</a></th>
<td class="target">${given(message.targetUrl)}</td>
<td class="next">${inWords(message, now)}</td>
<td class="number" data-label="Attempts">${message.attempts}</td>
<td class="time" data-label="Submitted">${away(message.createdAt, now)}</td>
</tr>`;

/** Returns a table of messages, newest first. */
export const messageTable = (
  messages: readonly ListedMessage[],
  caption: string,
  now: number,
): Html => html`<div class="scroll"><table class="list">
<caption>${caption}</caption>
<thead><tr><th scope="col">Status</th><th scope="col">Message</th><th scope="col">Target</th>
<th scope="col">In words</th><th scope="col" class="number">Attempts</th><th scope="col">Submitted</th></tr></thead>
<tbody>${messages.map((message) => row(message, now))}</tbody>
</table></div>`;

import { html } from "hono/html";
import type { Action, Message, SteeredMessage } from "../../client/answers.ts";
import { limits } from "../../domain/limits.ts";
import { tokenOf } from "../form.ts";
import type { Html } from "../html.ts";
import type { Session } from "../session.ts";

/** What a page says of an action, and how the HTTP interface is asked for it. */
type Words = {
  readonly button: string;
  readonly question: string;
  readonly says: string;
  readonly method: "POST" | "DELETE";
  readonly path: string;
  readonly tone: "main" | "danger" | "";
  readonly done: (message: SteeredMessage) => string;
};

export const actionWords: Readonly<Record<Action, Words>> = {
  "send-now": {
    button: "Send now",
    question: "Send this message now?",
    says: "The next attempt is made at once, and not at its time.",
    ...({ method: "POST", path: "/send-now", tone: "main" } as const),
    done: ({ status }) => `The next attempt is made now. The message is ${status}.`,
  },
  replay: {
    button: "Replay",
    question: "Replay this message?",
    says: "It is sent again, with the same webhook-id and a header postrider-replay. A receiver that drops repeats by webhook-id drops this one if it had the message already.",
    ...({ method: "POST", path: "/replay", tone: "main" } as const),
    done: ({ replays }) => `The message is sent again. This is replay ${replays}.`,
  },
  cancel: {
    button: "Cancel message",
    question: "Cancel this message?",
    says: "No further attempt is made. One that is being made goes on, and may reach the target.",
    ...({ method: "POST", path: "/cancel", tone: "danger" } as const),
    done: ({ status }) =>
      status === "CANCELLED"
        ? "The message is CANCELLED."
        : "An attempt is being made. If it is not accepted, the message is CANCELLED.",
  },
  erase: {
    button: "Erase content",
    question: "Erase the content of this message?",
    says: "Its headers, its body and the responses are removed for good. The message stays in the lists, and cannot be replayed any more.",
    ...({ method: "DELETE", path: "", tone: "danger" } as const),
    done: () => "The content of the message is erased.",
  },
};

/** Tells whether a text names an action. */
export const isAction = (text: string): text is Action => Object.hasOwn(actionWords, text);

/** Returns the actions that the state of a message allows, each of which asks first. */
export const actionLinks = (
  path: string,
  canDo: readonly Action[],
  { sender }: Session,
): Html | string => {
  if (canDo.length === 0) return "";
  if (!sender?.scopes.includes("messages:write"))
    return html`<p class="hint">Your key may read messages and not change them.</p>`;
  return html`<p class="actions">${canDo.filter(isAction).map((action) => {
    const { button, tone } = actionWords[action];
    return html`<a class="button ${tone}" href="${path}/${action}">${button}</a>`;
  })}</p>`;
};

const replayFields =
  (): Html => html`<p class="field"><label for="attempts">Attempts (empty: as many as the message had at first)</label>
<input id="attempts" name="attempts" type="number" min="1" max="${limits.attemptsMax}"></p>
<p class="field"><label for="deliverAt">Not before, in UTC (empty: now)</label>
<input id="deliverAt" name="deliverAt" type="datetime-local"></p>`;

/** Returns the page that asks before an action is done. */
export const confirmation = (
  action: Action,
  { messageId, targetUrl, status }: Message,
  { path, session, shown }: { path: string; session: Session; shown: (text: string) => Html },
): Html => {
  const { question, says, button, tone } = actionWords[action];
  return html`<section class="card confirm">
<h1>${question}</h1>
<dl class="facts"><dt>Message</dt><dd>${shown(messageId)}</dd><dt>Target</dt><dd>${shown(targetUrl)}</dd><dt>Status</dt><dd>${status}</dd></dl>
<p>${says}</p>
<form method="post" action="${path}/${action}">${tokenOf(session)}
${action === "replay" ? replayFields() : ""}
<p class="actions"><button class="${tone}">${button}</button> <a class="button" href="${path}">Do nothing</a></p>
</form></section>`;
};

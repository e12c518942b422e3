import { html } from "hono/html";
import { limits } from "../../domain/limits.ts";
import type { Form } from "../form.ts";
import { tokenOf } from "../form.ts";
import type { Html } from "../html.ts";
import type { Session } from "../session.ts";
import { moment } from "../shown.ts";
import type { Sender } from "./answers.ts";
import { defaultsInWords, senderPath } from "./sender-list.ts";

const numberField = (
  name: string,
  label: string,
  value: number | undefined,
  [min, max]: readonly [number, number],
): Html => html`<p class="field"><label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="number" min="${min}" max="${max}" value="${value ?? ""}"></p>`;

const change = ({ senderId, defaults }: Sender, session: Session): Html => {
  const { retry: { maxAttempts, schedule } = {}, timeoutMs, retentionDays } = defaults;
  return html`<details id="defaults"><summary>Change the defaults</summary>
<form method="post" action="${senderPath(senderId)}/defaults">${tokenOf(session)}
<p>They hold for messages that are submitted from now on and do not say otherwise. An empty field takes the default of the service.</p>
${numberField("maxAttempts", "Attempts", maxAttempts, [1, limits.attemptsMax])}
<p class="field"><label for="schedule">Waits between attempts, such as 5s, 2m, 6h</label>
<input id="schedule" name="schedule" value="${schedule?.join(", ") ?? ""}" spellcheck="false" autocomplete="off"></p>
${numberField("timeoutMs", "Time-out of an attempt, in milliseconds", timeoutMs, [limits.timeoutMsMin, limits.timeoutMsMax])}
${numberField("retentionDays", "Days for which a message is kept", retentionDays, [1, limits.retentionDaysMax])}
<p class="actions"><button class="main">Change the defaults of ${senderId}</button></p></form></details>`;
};

/** Returns when a sender was created, its defaults, and the form that changes them. */
export const defaultsCard = (sender: Sender, session: Session, mayWrite: boolean): Html =>
  html`<section class="card"><dl class="facts"><dt>Created</dt><dd>${moment(sender.createdAt)}</dd>
<dt>Defaults of its messages</dt><dd>${defaultsInWords(sender)}</dd></dl>
${mayWrite ? change(sender, session) : ""}</section>`;

const numberOrNull = (text: string): number | null => (text === "" ? null : Number(text));

/** Returns the change that a form asks for: all defaults, of which an empty one is removed. */
export const defaultsOf = (form: Form): object => {
  const schedule = form.get("schedule");
  return {
    retry: {
      maxAttempts: numberOrNull(form.get("maxAttempts")),
      schedule: schedule === "" ? null : schedule.split(",").map((wait) => wait.trim()),
    },
    timeoutMs: numberOrNull(form.get("timeoutMs")),
    retentionDays: numberOrNull(form.get("retentionDays")),
  };
};

import { html } from "hono/html";
import { tokenOf } from "./form.ts";
import type { Html } from "./html.ts";
import { senderPath } from "./senders/sender-list.ts";
import type { Session } from "./session.ts";

/** Returns what the top of each page says while an operator looks, and the way out. */
export const lookBanner = (session: Session): Html | string => {
  const { looking, sender } = session;
  if (looking === undefined || sender === undefined) return "";
  const { senderId } = sender;
  const until = new Date(looking.until).toISOString();
  return html`<form class="looking" method="post" action="${senderPath(senderId)}/look/stop">${tokenOf(session)}
<span>You look at the messages of <b>${senderId}</b>, and cannot change them, until <time datetime="${until}">${until.slice(11, 16)} UTC</time>.</span>
<button class="quiet">Stop looking</button></form>`;
};

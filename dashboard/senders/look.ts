import type { Context } from "hono";
import { html } from "hono/html";
import { limits } from "../../domain/limits.ts";
import type { DashboardEnv } from "../env.ts";
import { resultOf, setFlash } from "../flash.ts";
import { readOwnForm, tokenOf } from "../form.ts";
import type { Html } from "../html.ts";
import { lookingAt, notLooking, type Session } from "../session.ts";
import { base, keepSession, type SessionDeps } from "../session-cookie.ts";
import type { Key, NewKey } from "./answers.ts";
import { senderIn } from "./in-path.ts";
import { senderPath } from "./sender-list.ts";

type Page = Context<DashboardEnv>;

/**
 * Lets an operator see the messages of a sender: by a new key of that sender that only reads and that
 * ends soon. Making it is an act of the operator like any other, in the log and in the sender's history.
 * A crash after it leaves a key whose text nobody has.
 */
export const look = async (context: Page, deps: SessionDeps): Promise<Response> => {
  await readOwnForm(context);
  const { session, as, now } = context.var;
  const senderId = senderIn(context);
  const until = now + limits.dashboardLookMsMax;
  const body = {
    label: `An operator looks, by the dashboard (key ${session.operator?.keyId})`,
    scopes: ["messages:read"],
    expiresAt: new Date(until).toISOString(),
  };
  const path = `/v1/senders/${senderId}/keys`;
  const made = await as("operator").send<NewKey>("POST", path, body);
  if (made.kind === "answer") {
    keepSession(context, deps, lookingAt(session, { ...made.value, senderId }, until));
    return context.redirect(base, 303);
  }
  setFlash(
    context,
    deps,
    resultOf(made, () => ""),
  );
  return context.redirect(senderPath(senderId), 303);
};

/** Ends the look: revokes its key, and goes on as before it. */
export const stopLooking = async (context: Page, deps: SessionDeps): Promise<Response> => {
  await readOwnForm(context);
  const { session, as } = context.var;
  const senderId = senderIn(context);
  const { sender, looking } = session;
  if (looking === undefined || sender?.senderId !== senderId)
    return context.redirect(senderPath(senderId), 303);
  const path = `/v1/senders/${senderId}/keys/${sender.keyId}/revoke`;
  const revoked = await as("operator").send<Key>("POST", path);
  // It ends by itself where it could not be revoked.
  const flash = resultOf(revoked, () => `You look at ${senderId} no longer: the key is revoked.`);
  keepSession(context, deps, notLooking(session));
  setFlash(context, deps, flash);
  return context.redirect(senderPath(senderId), 303);
};

/** Returns the card by which an operator begins to look. */
export const lookCard = (
  senderId: string,
  session: Session,
): Html => html`<section class="card"><h2>Messages</h2>
<p>Its messages are opened by a key of its own: one that only reads and that ends within an hour. It is listed above
and in the history of the sender, with your key.</p>
<form method="post" action="${senderPath(senderId)}/look">${tokenOf(session)}
<p class="actions"><button class="main">Look at the messages of ${senderId}</button></p></form></section>`;

import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { Action, HistoryEvent, Message, SteeredMessage, Why } from "../../client/answers.ts";
import type { DashboardEnv } from "../env.ts";
import { resultOf, setFlash } from "../flash.ts";
import { type Form, readOwnForm } from "../form.ts";
import { page } from "../layout.ts";
import { asMoment } from "../messages/filter.ts";
import { messagePath } from "../messages/rows.ts";
import { noPage } from "../page-problem.ts";
import type { SessionDeps } from "../session-cookie.ts";
import { given } from "../shown.ts";
import { actionWords, confirmation, isAction } from "./actions.ts";
import { bodyPage } from "./body-page.ts";
import { elsewhere } from "./elsewhere.ts";
import { messageMain } from "./message-page.ts";

const refreshSeconds = 3;

/**
 * Returns the address of the message in the HTTP interface: with its id as it came, which that
 * judges.
 */
const apiPathOf = ({ req }: Context): string =>
  `/v1/messages/${/\/dashboard\/messages\/([^/?#]*)/.exec(req.url)?.[1] ?? ""}`;

const actionIn = ({ req }: Context<DashboardEnv>): Action => {
  const action = req.param("action") ?? "";
  if (!isAction(action)) throw noPage();
  return action;
};

const show = async (context: Context<DashboardEnv>) => {
  const { as, now, session } = context.var;
  const path = apiPathOf(context);
  const ask = as("sender");
  const [message, why, { events }] = await Promise.all([
    ask.page<Message>(path),
    ask.page<Why>(`${path}/why`),
    ask.page<{ readonly events: readonly HistoryEvent[] }>(`${path}/history`),
  ]);
  const { origin } = new URL(context.req.url);
  const at = messagePath(message.messageId);
  const main = messageMain({ ...{ message, why, events, origin, now, session }, path: at });
  return page(context, { title: message.messageId, section: "Messages", main, refreshSeconds });
};

const confirm = async (context: Context<DashboardEnv>) => {
  const action = actionIn(context);
  const message = await context.var.as("sender").page<Message>(apiPathOf(context));
  const { messageId } = message;
  const { question, path, method } = actionWords[action];
  const { origin } = new URL(context.req.url);
  const facts = { path: messagePath(messageId), session: context.var.session, shown: given };
  const main = html`${confirmation(action, message, facts)}
<section class="card confirm">${elsewhere({ origin, messageId, path, method, verb: action })}</section>`;
  return page(context, { title: question, section: "Messages", main });
};

/**
 * Returns what a replay may change. A field that is not a number is judged by the HTTP interface.
 */
const replayOf = (form: Form): object => {
  const [attempts, deliverAt] = [form.get("attempts"), form.get("deliverAt")];
  return {
    ...(attempts !== "" && { attempts: Number(attempts) }),
    ...(deliverAt !== "" && { deliverAt: asMoment(deliverAt) }),
  };
};

const act = async (context: Context<DashboardEnv>, deps: SessionDeps) => {
  const action = actionIn(context);
  const form = await readOwnForm(context);
  const { method, path, done } = actionWords[action];
  const body = action === "replay" ? replayOf(form) : undefined;
  const at = apiPathOf(context);
  const answer = await context.var.as("sender").send<SteeredMessage>(method, at + path, body);
  setFlash(context, deps, resultOf(answer, done));
  return context.redirect(at.replace("/v1/", "/dashboard/"), 303);
};

/** Returns the routes of one message, under `/dashboard/messages`. */
export const message = (deps: SessionDeps): Hono<DashboardEnv> => {
  const app = new Hono<DashboardEnv>();
  app.get("/:messageId", show);
  app.get("/:messageId/body", (context) => bodyPage(context, apiPathOf(context)));
  app.get("/:messageId/:action", confirm);
  app.post("/:messageId/:action", (context) => act(context, deps));
  return app;
};

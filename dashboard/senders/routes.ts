import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { DashboardEnv } from "../env.ts";
import { page } from "../layout.ts";
import type { SessionDeps } from "../session-cookie.ts";
import { given } from "../shown.ts";
import type { Key, Listed, Sender, SenderSummary } from "./answers.ts";
import { changeDefaults, create, createKey, revoke, rotate } from "./changes.ts";
import { defaultsCard } from "./defaults.ts";
import { keyIn, senderIn } from "./in-path.ts";
import { keysCard, revokeQuestion } from "./keys.ts";
import { look, lookCard, stopLooking } from "./look.ts";
import { secretsCard } from "./secrets.ts";
import { senderList, sendersPath } from "./sender-list.ts";

type Page = Context<DashboardEnv>;

const factsOf = ({ var: { session, now } }: Page) => ({
  ...{ session, now },
  mayWrite: session.operator?.scopes.includes("senders:write") ?? false,
});

/** Returns the query of a list: where its page begins. */
const cursorIn = ({ req }: Page): string => {
  const cursor = req.query("cursor");
  return cursor === undefined ? "" : `?${new URLSearchParams({ cursor })}`;
};

const showList = async (context: Page) => {
  const path = `/v1/senders${cursorIn(context)}`;
  const listed = await context.var.as("operator").page<Listed<SenderSummary>>(path);
  const main = senderList(listed, factsOf(context));
  return page(context, { title: "Senders", section: "Senders", main });
};

const showSender = async (context: Page) => {
  const senderId = senderIn(context);
  const ask = context.var.as("operator");
  const [sender, keys] = await Promise.all([
    ask.page<Sender>(`/v1/senders/${senderId}`),
    ask.page<Listed<Key>>(`/v1/senders/${senderId}/keys${cursorIn(context)}`),
  ]);
  const facts = factsOf(context);
  const main = html`<p class="crumbs"><a href="${sendersPath}">Senders</a></p>
<h1>${given(senderId)}</h1>
${defaultsCard(sender, facts.session, facts.mayWrite)}
${keysCard(senderId, keys, facts)}
${secretsCard(sender, facts)}
${facts.mayWrite ? lookCard(senderId, facts.session) : ""}`;
  return page(context, { title: senderId, section: "Senders", main });
};

/** Returns the routes under `/dashboard/senders`: what operators do. */
export const senders = (deps: SessionDeps): Hono<DashboardEnv> => {
  const app = new Hono<DashboardEnv>();
  app.get("/", showList);
  app.post("/", (context) => create(context, deps));
  app.get("/:senderId", showSender);
  app.post("/:senderId/defaults", (context) => changeDefaults(context, deps));
  app.post("/:senderId/keys", (context) => createKey(context, deps));
  app.post("/:senderId/rotate", (context) => rotate(context, deps));
  app.post("/:senderId/look", (context) => look(context, deps));
  app.post("/:senderId/look/stop", (context) => stopLooking(context, deps));
  app.get("/:senderId/keys/:keyId/revoke", (context) => {
    const main = revokeQuestion(senderIn(context), keyIn(context), context.var.session);
    return page(context, { title: "Revoke a key", section: "Senders", main });
  });
  app.post("/:senderId/keys/:keyId/revoke", (context) => revoke(context, deps));
  return app;
};

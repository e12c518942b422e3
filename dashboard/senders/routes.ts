import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { isKeyId, scopes } from "../../domain/api-key.ts";
import { isSenderId } from "../../domain/ids.ts";
import type { DashboardEnv } from "../env.ts";
import { type Flash, resultOf, setFlash } from "../flash.ts";
import { readOwnForm } from "../form.ts";
import { page } from "../layout.ts";
import { asMoment } from "../messages/filter.ts";
import { noPage } from "../page-problem.ts";
import type { SessionDeps } from "../session-cookie.ts";
import { given, moment } from "../shown.ts";
import type {
  Key,
  Listed,
  NewKey,
  NewSecret,
  NewSender,
  Sender,
  SenderSummary,
} from "./answers.ts";
import { keysCard, revokeQuestion } from "./keys.ts";
import { secretsCard } from "./secrets.ts";
import { defaultsInWords, senderList, senderPath, sendersPath } from "./sender-list.ts";

type Page = Context<DashboardEnv>;

const factsOf = ({ var: { session, now } }: Page) => ({
  ...{ session, now },
  mayWrite: session.operator?.scopes.includes("senders:write") ?? false,
});

/** The query of a list: where its page begins. */
const cursorIn = ({ req }: Page): string => {
  const cursor = req.query("cursor");
  return cursor === undefined ? "" : `?${new URLSearchParams({ cursor })}`;
};

const senderIn = ({ req }: Page): string => {
  const senderId = req.param("senderId") ?? "";
  if (!isSenderId(senderId)) throw noPage();
  return senderId;
};

const keyIn = ({ req }: Page): string => {
  const keyId = req.param("keyId") ?? "";
  if (!isKeyId(keyId)) throw noPage();
  return keyId;
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
<section class="card"><dl class="facts"><dt>Created</dt><dd>${moment(sender.createdAt)}</dd>
<dt>Defaults of its messages</dt><dd>${defaultsInWords(sender)}</dd></dl></section>
${keysCard(senderId, keys, facts)}
${secretsCard(sender, facts)}`;
  return page(context, { title: senderId, section: "Senders", main });
};

/** Sends the viewer on to a page, with what came of the action. */
const answer = (context: Page, deps: SessionDeps, path: string, flash: Flash) => {
  setFlash(context, deps, flash);
  return context.redirect(path, 303);
};

const create = async (context: Page, deps: SessionDeps) => {
  const form = await readOwnForm(context);
  const body = { senderId: form.get("senderId") };
  const answered = await context.var.as("operator").send<NewSender>("POST", "/v1/senders", body);
  const flash = resultOf(answered, ({ senderId }) => `The sender ${senderId} is created.`);
  if (answered.kind === "refused") return answer(context, deps, sendersPath, flash);
  const { senderId, key, signingSecret } = answered.value;
  const secrets = [
    { name: "Its key", value: key.apiKey },
    { name: "Its signing secret, for receivers", value: signingSecret },
  ];
  return answer(context, deps, senderPath(senderId), { ...flash, secrets });
};

const createKey = async (context: Page, deps: SessionDeps) => {
  const senderId = senderIn(context);
  const form = await readOwnForm(context);
  const expiresAt = form.get("expiresAt");
  const body = {
    label: form.get("label"),
    scopes: scopes.filter((scope) => form.get(scope) === "yes"),
    ...(expiresAt !== "" && { expiresAt: asMoment(expiresAt) }),
  };
  const path = `/v1/senders/${senderId}/keys`;
  const answered = await context.var.as("operator").send<NewKey>("POST", path, body);
  const flash = resultOf(answered, ({ keyId }) => `The key ${keyId} is created.`);
  const secrets =
    answered.kind === "answer" ? [{ name: "The key", value: answered.value.apiKey }] : [];
  return answer(context, deps, senderPath(senderId), { ...flash, secrets });
};

const revoke = async (context: Page, deps: SessionDeps) => {
  const [senderId, keyId] = [senderIn(context), keyIn(context)];
  await readOwnForm(context);
  const path = `/v1/senders/${senderId}/keys/${keyId}/revoke`;
  const answered = await context.var.as("operator").send<Key>("POST", path);
  const flash = resultOf(answered, () => `The key ${keyId} is revoked.`);
  return answer(context, deps, senderPath(senderId), flash);
};

const rotate = async (context: Page, deps: SessionDeps) => {
  const senderId = senderIn(context);
  const form = await readOwnForm(context);
  const path = `/v1/senders/${senderId}/secrets/rotate`;
  const body = { overlap: form.get("overlap") };
  const answered = await context.var.as("operator").send<NewSecret>("POST", path, body);
  const flash = resultOf(answered, () => "The new secret signs from now on.");
  const secrets =
    answered.kind === "answer"
      ? [{ name: "The new signing secret, for receivers", value: answered.value.signingSecret }]
      : [];
  return answer(context, deps, senderPath(senderId), { ...flash, secrets });
};

/** The routes under `/dashboard/senders`: what operators do. */
export const senders = (deps: SessionDeps): Hono<DashboardEnv> => {
  const app = new Hono<DashboardEnv>();
  app.get("/", showList);
  app.post("/", (context) => create(context, deps));
  app.get("/:senderId", showSender);
  app.post("/:senderId/keys", (context) => createKey(context, deps));
  app.post("/:senderId/rotate", (context) => rotate(context, deps));
  app.get("/:senderId/keys/:keyId/revoke", (context) => {
    const main = revokeQuestion(senderIn(context), keyIn(context), context.var.session);
    return page(context, { title: "Revoke a key", section: "Senders", main });
  });
  app.post("/:senderId/keys/:keyId/revoke", (context) => revoke(context, deps));
  return app;
};

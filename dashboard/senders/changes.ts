import type { Context } from "hono";
import { scopes } from "../../domain/api-key.ts";
import type { DashboardEnv } from "../env.ts";
import { type Flash, resultOf, setFlash } from "../flash.ts";
import { readOwnForm } from "../form.ts";
import { asMoment } from "../messages/filter.ts";
import type { SessionDeps } from "../session-cookie.ts";
import type { Key, NewKey, NewSecret, NewSender, Sender } from "./answers.ts";
import { defaultsOf } from "./defaults.ts";
import { keyIn, senderIn } from "./in-path.ts";
import { senderPath, sendersPath } from "./sender-list.ts";

type Page = Context<DashboardEnv>;
type Change = (context: Page, deps: SessionDeps) => Promise<Response>;

/**
 * Sends the viewer on to a page, with what came of the action. An answer that is lost on its way leaves
 * a key, a sender or a secret whose text nobody has: it is listed, and is revoked or rotated again.
 */
const answer = (context: Page, deps: SessionDeps, path: string, flash: Flash) => {
  setFlash(context, deps, flash);
  return context.redirect(path, 303);
};

/** Creates a sender, and shows its key and its secret once. */
export const create: Change = async (context, deps) => {
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

/** Changes all defaults of a sender. */
export const changeDefaults: Change = async (context, deps) => {
  const senderId = senderIn(context);
  const body = { defaults: defaultsOf(await readOwnForm(context)) };
  const path = `/v1/senders/${senderId}`;
  const answered = await context.var.as("operator").send<Sender>("PATCH", path, body);
  const flash = resultOf(answered, () => "The defaults are changed.");
  return answer(context, deps, senderPath(senderId), flash);
};

/** Creates a key, and shows it once. */
export const createKey: Change = async (context, deps) => {
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

/** Revokes a key. */
export const revoke: Change = async (context, deps) => {
  const [senderId, keyId] = [senderIn(context), keyIn(context)];
  await readOwnForm(context);
  const path = `/v1/senders/${senderId}/keys/${keyId}/revoke`;
  const answered = await context.var.as("operator").send<Key>("POST", path);
  const flash = resultOf(answered, () => `The key ${keyId} is revoked.`);
  return answer(context, deps, senderPath(senderId), flash);
};

/** Rotates the signing secret, and shows the new one once. */
export const rotate: Change = async (context, deps) => {
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

import { Hono } from "hono";
import { hashApiKey, keyIdOf, scopes } from "../../domain/api-key.ts";
import { Problem } from "../../domain/problem.ts";
import { secretIdOf } from "../../domain/signing-secrets.ts";
import type { EnrolDeps } from "../enrol.ts";
import { createSender } from "../senders/create-sender.ts";
import { newApiKey } from "../senders/keys.ts";
import { listSenders } from "../senders/list.ts";
import { defaultsOf } from "../senders/members.ts";
import type { RecordedDeps } from "../senders/recorded-change.ts";
import { newSecret } from "../signing.ts";
import { type Authenticate, requireOperator } from "./authenticate.ts";
import type { ApiEnv } from "./env.ts";
import { type LogManageDeps, logManage } from "./log-manage.ts";
import { manage } from "./manage.ts";
import { pageAsked, pageView } from "./page-query.ts";
import { readMembers } from "./read-members.ts";
import { historyRoute } from "./sender-history.ts";
import { findSender, noSender, noteSender } from "./sender-in-path.ts";
import { keyRoutes } from "./sender-keys.ts";
import { changeOf, keyOf, senderBodies } from "./sender-members.ts";
import { secretRoutes } from "./sender-secrets.ts";
import { createdView, senderSummary, senderView } from "./sender-views.ts";

export type SendersDeps = EnrolDeps &
  LogManageDeps &
  RecordedDeps & { readonly authenticate: Authenticate };

/** The name of the list of senders, for its cursors. No list of messages has it. */
const list = "senders-cursor";

const exists = (senderId: string): Problem =>
  new Problem(
    "SENDER_EXISTS",
    `The sender ${senderId} exists already, and was not changed. If the answer to an earlier request was lost, rotate its signing secret and create another key.`,
  );

/**
 * Returns the routes under `/v1/senders`: what operators do. A key of a sender opens none of them.
 */
export const senders = (deps: SendersDeps): Hono<ApiEnv> => {
  const { authenticate, clock, vault } = deps;
  const mayWrite = requireOperator(authenticate, "senders:write");
  const mayRead = requireOperator(authenticate, "senders:read");
  const app = new Hono<ApiEnv>();

  app.post("/", logManage(deps, "create-sender"), mayWrite, async (context) => {
    const given = await readMembers(context, senderBodies.create(clock()));
    const { senderId } = given;
    context.set("about", { senderId });
    const key = given.key ? keyOf(given.key) : { label: "first key", scopes };
    const asked = { ...key, senderId, defaults: defaultsOf(given.defaults) };
    const texts = { apiKey: newApiKey(), whsec: given.signingSecret ?? newSecret() };
    // Nothing is stored of what changes nothing. Another request may still be faster.
    if (await deps.senders.get(senderId)) throw exists(senderId);
    const what = {
      senderId,
      change: "create-sender",
      madeKeyId: keyIdOf(hashApiKey(texts.apiKey)),
    } as const;
    const created = await manage(deps, context, what, async () => {
      const made = await createSender(deps, asked, texts);
      if (made.kind === "exists") throw exists(senderId);
      return made;
    });
    const [secret] = created.sender.signingSecrets ?? [];
    context.set("managed", {
      madeKeyId: keyIdOf(created.key.hash),
      secretId: secret && secretIdOf(secret),
    });
    context.header("location", `/v1/senders/${senderId}`);
    return context.json(createdView(created), 201);
  });

  app.get("/", mayRead, async (context) => {
    const page = await listSenders(deps, pageAsked(vault, list, context.req.url));
    return context.json(pageView(vault, list, page, senderSummary));
  });

  app.get("/:senderId", noteSender, mayRead, async (context) =>
    context.json(senderView(await findSender(deps, context))),
  );

  const guards = [noteSender, logManage(deps, "change-sender"), mayWrite] as const;
  app.on("PATCH", "/:senderId", ...guards, async (context) => {
    const { defaults } = await readMembers(context, senderBodies.change);
    const { senderId } = await findSender(deps, context);
    const asChanged = changeOf(defaults);
    const what = { senderId, change: "change-sender", defaults: asChanged } as const;
    const change = () => deps.senders.change(senderId, asChanged);
    const isAny = Object.values(asChanged).some((value) => value !== undefined);
    const changed = isAny ? await manage(deps, context, what, change) : await change();
    if (!changed) throw noSender();
    return context.json(senderView(changed));
  });

  historyRoute(app, deps, mayRead);
  keyRoutes(app, deps, { mayRead, mayWrite });
  secretRoutes(app, deps, mayWrite);
  return app;
};

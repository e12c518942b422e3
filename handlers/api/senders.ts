import { Hono } from "hono";
import { keyIdOf, scopes } from "../../domain/api-key.ts";
import { Problem } from "../../domain/problem.ts";
import { secretIdOf } from "../../domain/signing-secrets.ts";
import type { EnrolDeps } from "../enrol.ts";
import { createSender } from "../senders/create-sender.ts";
import { listSenders } from "../senders/list.ts";
import { newSecret } from "../signing.ts";
import { type Authenticate, requireOperator } from "./authenticate.ts";
import type { ApiEnv } from "./env.ts";
import { type LogManageDeps, logManage } from "./log-manage.ts";
import { pageAsked, pageView } from "./page-query.ts";
import { readMembers } from "./read-members.ts";
import { findSender, noSender, noteSender } from "./sender-in-path.ts";
import { keyRoutes } from "./sender-keys.ts";
import { changeOf, defaultsOf, keyOf, senderBodies } from "./sender-members.ts";
import { secretRoutes } from "./sender-secrets.ts";
import { createdView, senderSummary, senderView } from "./sender-views.ts";

export type SendersDeps = EnrolDeps & LogManageDeps & { readonly authenticate: Authenticate };

/** The name of the list of senders, for its cursors. No list of messages has it. */
const list = "senders-cursor";

const exists = (senderId: string): Problem =>
  new Problem(
    "SENDER_EXISTS",
    `The sender ${senderId} exists already, and was not changed. If the answer to an earlier request was lost, rotate its signing secret and create another key.`,
  );

/** The routes under `/v1/senders`: what operators do. A key of a sender opens none of them. */
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
    const created = await createSender(deps, asked, given.signingSecret ?? newSecret());
    if (created.kind === "exists") throw exists(senderId);
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

  const change = [noteSender, logManage(deps, "change-sender"), mayWrite] as const;
  app.on("PATCH", "/:senderId", ...change, async (context) => {
    const { defaults } = await readMembers(context, senderBodies.change);
    const { senderId } = await findSender(deps, context);
    const changed = await deps.senders.change(senderId, changeOf(defaults));
    if (!changed) throw noSender();
    return context.json(senderView(changed));
  });

  keyRoutes(app, deps, { mayRead, mayWrite });
  secretRoutes(app, deps, mayWrite);
  return app;
};

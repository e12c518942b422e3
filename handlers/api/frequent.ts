import { Hono } from "hono";
import { idInPath } from "../../domain/ids.ts";
import type { Policy } from "../../domain/submission.ts";
import type { TargetPolicy } from "../../domain/target-url.ts";
import { idempotencyKeyIn } from "../submission/idempotency-key.ts";
import { submissionParser } from "../submission/parser.ts";
import { policyFor } from "../submission/policy.ts";
import { type Authenticate, requireScope } from "./authenticate.ts";
import { batch } from "./batch.ts";
import type { ApiEnv } from "./env.ts";
import { etagOf, isKnown } from "./etag.ts";
import { type LogSubmitDeps, logSubmit } from "./log-submit.ts";
import { findMessage, noteMessage } from "./message-in-path.ts";
import { readBody } from "./read-body.ts";
import { expectJson, parseJson } from "./read-json.ts";
import { type SubmitDeps, submit } from "./submit.ts";
import { type TraceSubmitDeps, traceSubmit } from "./trace-submit.ts";
import { acceptedView, messageView } from "./views.ts";

export type FrequentDeps = SubmitDeps &
  LogSubmitDeps &
  TraceSubmitDeps & {
    readonly authenticate: Authenticate;
    readonly policy: Policy;
    readonly target: TargetPolicy;
    readonly clockMarginMs: number;
  };

/** Returns the routes of nearly all requests: to submit a message or a batch, and to read one. */
export const frequent = (deps: FrequentDeps): Hono<ApiEnv> => {
  const { authenticate, clock } = deps;
  const mayWrite = requireScope(authenticate, "messages:write");
  const mayRead = requireScope(authenticate, "messages:read");
  const parse = submissionParser(deps.target);
  const app = new Hono<ApiEnv>();

  app.get("/healthz", (context) => context.json({ status: "ok" }));

  // After the key: a caller that nobody knows must not have its body read, let alone kept.
  app.post("/v1/messages", logSubmit(deps), mayWrite, traceSubmit(deps), async (context) => {
    const { caller, transitions, traced } = context.var;
    expectJson(context.req.raw);
    const json = parseJson(await readBody(context));
    const { senderId } = caller.sender;
    const key = idempotencyKeyIn(context.req.header("idempotency-key"));
    const submission = traced(parse(json, { senderId, now: clock(), key }));
    context.set("submission", submission);
    context.set("about", { senderId, messageId: submission.messageId });

    const observed = { ...deps, messages: deps.messages.observedBy(transitions.on) };
    const accepted = await submit(observed, submission, policyFor(caller.sender, deps.policy));
    context.set("accepted", accepted);
    context.header("location", `/v1/messages/${idInPath(submission.messageId)}`);
    return context.json(acceptedView(accepted), accepted.duplicate ? 200 : 202);
  });

  app.route("/v1/messages/batch", batch(deps));

  app.get("/v1/messages/:messageId", noteMessage, mayRead, async (context) => {
    const message = await findMessage(deps, context);
    const isApart = message.payload && message.erasedAt === undefined;
    const payload = isApart ? await deps.payloads.get(message) : message;
    const view = messageView(message, payload?.headers, {
      now: clock(),
      clockMarginMs: deps.clockMarginMs,
    });
    // Weak: `why` changes as time passes, and is not part of the state that is compared.
    const etag = `W/${etagOf(JSON.stringify({ ...view, why: undefined }))}`;
    context.header("etag", etag);
    return isKnown(context, etag) ? context.body(null, 304) : context.json(view);
  });

  return app;
};

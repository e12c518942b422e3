import { Hono } from "hono";
import type { Metrics } from "../../adapters/metrics.ts";
import { attemptViews } from "../../domain/history.ts";
import { idInPath } from "../../domain/ids.ts";
import type { Policy } from "../../domain/submission.ts";
import type { TargetPolicy } from "../../domain/target-url.ts";
import { timelineOf } from "../../domain/timeline.ts";
import type { AttemptStore } from "../../entities/attempt.ts";
import { idempotencyKeyIn } from "../submission/idempotency-key.ts";
import { submissionParser } from "../submission/parser.ts";
import { policyFor } from "../submission/policy.ts";
import { type Authenticate, requireScope } from "./authenticate.ts";
import { batch } from "./batch.ts";
import { bodyRoute } from "./body.ts";
import type { ApiEnv } from "./env.ts";
import { etagOf, isKnown } from "./etag.ts";
import { type ListDeps, list } from "./list.ts";
import { type LogSubmitDeps, logSubmit } from "./log-submit.ts";
import { findMessage, noteMessage } from "./message-in-path.ts";
import { readBody } from "./read-body.ts";
import { expectJson, parseJson } from "./read-json.ts";
import { type SteerDeps, steerRoutes } from "./steer.ts";
import { type SubmitDeps, submit } from "./submit.ts";
import { type TraceSubmitDeps, traceSubmit } from "./trace-submit.ts";
import { acceptedView, attemptsView, historyView, messageView, whyView } from "./views.ts";

export type MessagesDeps = SubmitDeps &
  SteerDeps &
  ListDeps &
  LogSubmitDeps &
  TraceSubmitDeps & {
    readonly attempts: AttemptStore;
    readonly authenticate: Authenticate;
    readonly metrics: Metrics;
    readonly policy: Policy;
    readonly target: TargetPolicy;
    readonly clockMarginMs: number;
  };

/** Returns the routes under `/v1/messages`. */
export const messages = (deps: MessagesDeps): Hono<ApiEnv> => {
  const { authenticate, clock } = deps;
  const mayWrite = requireScope(authenticate, "messages:write");
  const mayRead = requireScope(authenticate, "messages:read");
  const parse = submissionParser(deps.target);
  const factsNow = () => ({ now: clock(), clockMarginMs: deps.clockMarginMs });
  const app = new Hono<ApiEnv>();

  // After the key: a caller that nobody knows must not have its body read, let alone kept.
  app.post("/", logSubmit(deps), mayWrite, traceSubmit(deps), async (context) => {
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

  app.route("/batch", batch(deps));
  app.route("/", list(deps));

  app.get("/:messageId", noteMessage, mayRead, async (context) => {
    const message = await findMessage(deps, context);
    const isApart = message.payload && message.erasedAt === undefined;
    const payload = isApart ? await deps.payloads.get(message) : message;
    const view = messageView(message, payload?.headers, factsNow());
    // Weak: `why` changes as time passes, and is not part of the state that is compared.
    const etag = `W/${etagOf(JSON.stringify({ ...view, why: undefined }))}`;
    context.header("etag", etag);
    return isKnown(context, etag) ? context.body(null, 304) : context.json(view);
  });

  app.get("/:messageId/why", noteMessage, mayRead, async (context) =>
    context.json(whyView(await findMessage(deps, context), factsNow())),
  );

  app.get("/:messageId/attempts", noteMessage, mayRead, async (context) => {
    const message = await findMessage(deps, context);
    return context.json(attemptsView(attemptViews(message, await deps.attempts.of(message))));
  });

  app.get("/:messageId/history", noteMessage, mayRead, async (context) => {
    const message = await findMessage(deps, context);
    const [stored, entries] = await Promise.all([
      deps.attempts.of(message),
      deps.actions.of(message),
    ]);
    return context.json(historyView(timelineOf(message, stored, entries)));
  });

  bodyRoute(app, deps, mayRead);
  steerRoutes(app, deps, mayWrite);
  return app;
};

import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { Log } from "../../adapters/log.ts";
import type { Metrics } from "../../adapters/metrics.ts";
import { attemptViews } from "../../domain/history.ts";
import { idInPath, idOfPath, isMessageId, type PathId } from "../../domain/ids.ts";
import type { Message } from "../../domain/message.ts";
import { documentOf, Problem, retryAfterSeconds } from "../../domain/problem.ts";
import type { Policy } from "../../domain/submission.ts";
import type { TargetPolicy } from "../../domain/target-url.ts";
import type { AttemptStore } from "../../entities/attempt.ts";
import { collectTransitions } from "../transitions.ts";
import type { Authenticate, Caller } from "./authenticate.ts";
import { invalid } from "./issues.ts";
import { readBody } from "./read-body.ts";
import { expectJson, parseJson } from "./read-json.ts";
import { type SubmitDeps, submit } from "./submit.ts";
import { parseSubmission } from "./submit-request.ts";
import { acceptedView, attemptsView, messageView } from "./views.ts";

export type ApiDeps = SubmitDeps & {
  readonly attempts: AttemptStore;
  readonly authenticate: Authenticate;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly policy: Policy;
  readonly target: TargetPolicy;
};

/** The same bytes whether a message is not there or not the caller's. */
const noMessage = (): Problem => new Problem("NOT_FOUND", "There is no such message.");

const systemError = (cause: unknown): Problem =>
  new Problem(
    "SYSTEM_ERROR",
    "Something on our side did not answer. Repeating the same request is safe.",
    { cause },
  );

/** Every problem becomes an answer here, and nowhere else (RFC 9457). */
const answerTo = (context: Context, problem: Problem): Response => {
  const document = documentOf(problem);
  context.header("content-type", "application/problem+json");
  if (problem.code === "SYSTEM_ERROR") context.header("retry-after", String(retryAfterSeconds));
  if (problem.code === "UNAUTHENTICATED") context.header("www-authenticate", "Bearer");
  return context.body(JSON.stringify(document), document.status as 400);
};

const only =
  (allow: string): MiddlewareHandler =>
  (context) => {
    context.header("allow", allow);
    throw new Problem("METHOD_NOT_ALLOWED", `Only ${allow} is possible here.`);
  };

/** Under which a request keeps what it is about, for the log of a failure of ours. */
const aboutKey = "about";

const tellAbout = (
  context: Context,
  { senderId, messageId }: Readonly<Record<string, unknown>>,
): void => context.set(aboutKey, { senderId, messageId });

const aboutOf = (context: Context): Readonly<Record<string, unknown>> | undefined =>
  context.get(aboutKey);

/** The sender's defaults, over those of the service. */
const policyFor = ({ sender }: Caller, policy: Policy): Policy => ({
  scheduleMs: sender.scheduleMs ?? policy.scheduleMs,
  isScheduleOwn: sender.scheduleMs !== undefined,
  maxAttempts: sender.maxAttempts,
  timeoutMs: sender.timeoutMs,
  retentionDays: sender.retentionDays ?? policy.retentionDays,
});

const submitRoute = (deps: ApiDeps) => async (context: Context) => {
  const { log, metrics, clock } = deps;
  const startedAt = clock();
  const transitions = collectTransitions();
  const line: Record<string, unknown> = { transitions: transitions.steps };
  try {
    const caller = await deps.authenticate(context.req.header("authorization"), "messages:write");
    const { senderId } = caller.sender;
    Object.assign(line, { senderId, keyId: caller.keyId });

    // After the key: a caller that nobody knows must not have its body read, let alone kept.
    expectJson(context.req.raw);
    const body = await readBody(context);
    const asked = parseSubmission(parseJson(body), {
      senderId,
      now: startedAt,
      target: deps.target,
    });
    Object.assign(line, {
      messageId: asked.messageId,
      targetHost: new URL(asked.targetUrl).host,
      bodyBytes: asked.body?.byteLength ?? 0,
    });

    const messages = deps.messages.observedBy(transitions.on);
    const accepted = await submit({ ...deps, messages }, asked, policyFor(caller, deps.policy));
    Object.assign(line, { status: accepted.message.status, duplicate: accepted.duplicate });
    metrics.count(accepted.duplicate ? "MessagesRepeated" : "MessagesAccepted");
    context.header("location", `/v1/messages/${idInPath(accepted.message.messageId)}`);
    return context.json(acceptedView(accepted), accepted.duplicate ? 200 : 202);
  } catch (error) {
    line["problem"] = error instanceof Problem ? error.code : "SYSTEM_ERROR";
    if (error instanceof Problem) metrics.count("MessagesRefused");
    throw error;
  } finally {
    const durationMs = clock() - startedAt;
    metrics.milliseconds("SubmitDuration", durationMs);
    log.line({ event: "submit", ...line, durationMs });
    tellAbout(context, line);
  }
};

/** Finds the message that a path names, if it is the caller's. */
const ownMessage = async (deps: ApiDeps, context: Context): Promise<Message> => {
  const named = namedIn(context);
  const about = named.kind === "id" && isMessageId(named.messageId) && named;
  tellAbout(context, about || {});
  const { sender } = await deps.authenticate(context.req.header("authorization"), "messages:read");
  const { senderId } = sender;
  tellAbout(context, { ...about, senderId });
  if (named.kind === "fault") throw invalid([{ path: ["messageId"], message: named.message }]);
  const message =
    about && (await deps.messages.get({ senderId, messageId: about.messageId }, deps.clock()));
  await refuseTwo(deps, context, named, senderId);
  if (!message) throw noMessage();
  return message;
};

/** The id in a path, from the text that came: the framework decodes leniently. */
const namedIn = (context: Context): PathId =>
  idOfPath(/\/v1\/messages\/([^/?#]*)/.exec(context.req.url)?.[1] ?? "");

/**
 * Refuses a path for the attempts of a message if a message has that whole text for its id: a
 * gateway that decodes paths makes one of the two of the other.
 */
const refuseTwo = async (
  deps: ApiDeps,
  context: Context,
  named: PathId,
  senderId: string,
): Promise<void> => {
  if (named.kind === "fault" || named.isExact || !context.req.path.endsWith("/attempts")) return;
  const messageId = `${named.messageId}/attempts`;
  if (!isMessageId(messageId)) return;
  const other = await deps.messages.get({ senderId, messageId }, deps.clock());
  if (!other) return;
  const message = "with /attempts is the id of a message too: write it as ~ and its base64url";
  throw invalid([{ path: ["messageId"], message }]);
};

const messageRoute = (deps: ApiDeps) => async (context: Context) => {
  const message = await ownMessage(deps, context);
  const payload = message.payload ? await deps.payloads.get(message) : message;
  return context.json(messageView(message, payload?.headers));
};

const attemptsRoute = (deps: ApiDeps) => async (context: Context) => {
  const message = await ownMessage(deps, context);
  return context.json(attemptsView(attemptViews(message, await deps.attempts.of(message))));
};

/**
 * The HTTP interface, version 1. The same app answers Lambda's events and the local server.
 *
 * @example
 * const answer = await api(deps).request("/v1/messages/order-1", { headers: { authorization } });
 */
export const api = (deps: ApiDeps): Hono => {
  const app = new Hono();

  app.use(async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
    context.header("x-content-type-options", "nosniff");
    deps.metrics.flush();
  });
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.post("/v1/messages", submitRoute(deps));
  app.get("/v1/messages/:messageId", messageRoute(deps));
  app.get("/v1/messages/:messageId/attempts", attemptsRoute(deps));

  app.all("/healthz", only("GET"));
  app.all("/v1/messages", only("POST"));
  app.all("/v1/messages/:messageId", only("GET"));
  app.all("/v1/messages/:messageId/attempts", only("GET"));
  app.notFound((context) =>
    answerTo(context, new Problem("NOT_FOUND", "There is nothing at this address.")),
  );
  app.onError((error, context) => {
    if (error instanceof Problem) return answerTo(context, error);
    deps.log.failure("request failed", error, aboutOf(context));
    deps.metrics.count("SystemErrors");
    return answerTo(context, systemError(error));
  });
  return app;
};

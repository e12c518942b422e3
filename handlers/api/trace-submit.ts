import type { Context, MiddlewareHandler } from "hono";
import type { Clock } from "../../adapters/clock.ts";
import type { Span, SpanAttributes, SpanEnd, Tracing } from "../../adapters/tracing.ts";
import type { Submission } from "../../domain/submission.ts";
import { parseTraceContext, storedTrace, traceOf } from "../../domain/trace-context.ts";
import { messagingSystem, ownAttributes } from "../span-names.ts";
import type { ApiEnv } from "./env.ts";
import type { SubmitFacts } from "./log-submit.ts";
import { problemCodeOf } from "./problem-answer.ts";

export type TraceSubmitDeps = { readonly tracing: Tracing; readonly clock: Clock };

type In = Context<ApiEnv>;

/** Begins the span of a request (OpenTelemetry, "Semantic conventions for HTTP spans"). */
const startRequest = ({ tracing, clock }: TraceSubmitDeps, { req }: In, route: string): Span => {
  const parent = parseTraceContext(req.header("traceparent"), req.header("tracestate"));
  return tracing.start(parent, () => {
    const { protocol, hostname, port } = new URL(req.url);
    return {
      ...{ name: `POST ${route}`, kind: "server", at: clock() },
      attributes: {
        "http.request.method": "POST",
        "http.route": route,
        "url.path": route,
        "url.scheme": protocol.slice(0, -1),
        "server.address": hostname,
        "server.port": port === "" ? undefined : Number(port),
        "messaging.system": messagingSystem,
      },
    };
  });
};

/** Ends it. That a request was refused is no error of the one who answers. */
const endRequest = (
  { clock }: TraceSubmitDeps,
  { res, error }: In,
  attributes: SpanAttributes,
): Omit<SpanEnd, "link"> => {
  const isError = res.status >= 500;
  return {
    ...{ at: clock(), isError },
    attributes: {
      ...attributes,
      "http.response.status_code": res.status,
      "error.type": isError ? String(res.status) : undefined,
      [ownAttributes.problem]: error && problemCodeOf(error),
    },
  };
};

const withTrace = (submission: Submission, { context }: Span): Submission =>
  context ? { ...submission, ...storedTrace(context) } : submission;

/**
 * What a submit came to. A repeat changes nothing about the message, which stays in the trace that it was
 * first submitted in: it is linked.
 */
const cameTo = ({ submission, accepted }: SubmitFacts) => ({
  attributes: {
    "messaging.message.id": submission?.messageId,
    "messaging.message.body.size": submission?.body?.byteLength,
    [ownAttributes.sender]: submission?.senderId,
    [ownAttributes.duplicate]: accepted?.duplicate === true ? true : undefined,
  },
  link: accepted?.duplicate === true ? traceOf(accepted.message) : undefined,
});

/**
 * Traces the submit of a message. After the key: whoever has none must not have spans recorded, let alone
 * say by a flag of theirs that they are.
 */
export const traceSubmit =
  (deps: TraceSubmitDeps): MiddlewareHandler<ApiEnv> =>
  async (context, next) => {
    const span = startRequest(deps, context, "/v1/messages");
    context.set("traced", (submission) => withTrace(submission, span));
    await next();
    span.end(() => {
      const { submission, accepted } = context.var;
      const { attributes, link } = cameTo({ submission, accepted, transitions: [] });
      return { ...endRequest(deps, context, attributes), link };
    });
  };

/**
 * Traces a batch: the request, and in it each message by itself, so that the attempts of one are told
 * from those of another (OpenTelemetry, "Semantic conventions for messaging spans", creation context). A
 * message that cannot be read has no span.
 */
export const traceBatch =
  (deps: TraceSubmitDeps): MiddlewareHandler<ApiEnv> =>
  async (context, next) => {
    const { tracing, clock } = deps;
    const request = startRequest(deps, context, "/v1/messages/batch");
    const spans = new Map<Submission, Span>();
    context.set("traced", (submission) => {
      const span = tracing.start(request.context, () => ({
        ...{ name: "create message", kind: "producer", at: clock() },
        attributes: {
          "messaging.system": messagingSystem,
          "messaging.operation.name": "create",
          "messaging.operation.type": "create",
        },
      }));
      const traced = withTrace(submission, span);
      spans.set(traced, span);
      return traced;
    });
    await next();
    const { batch = [] } = context.var;
    for (const facts of batch)
      if (facts.submission)
        spans.get(facts.submission)?.end(() => {
          const { attributes, link } = cameTo(facts);
          const problem = facts.error === undefined ? undefined : problemCodeOf(facts.error);
          const isError = problem === "SYSTEM_ERROR";
          const ended = { ...attributes, [ownAttributes.problem]: problem };
          return { at: clock(), isError, attributes: ended, link };
        });
    request.end(() => endRequest(deps, context, { "messaging.batch.message_count": batch.length }));
  };

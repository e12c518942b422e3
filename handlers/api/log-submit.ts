import type { MiddlewareHandler } from "hono";
import type { Clock } from "../../adapters/clock.ts";
import type { Log } from "../../adapters/log.ts";
import type { Metrics } from "../../adapters/metrics.ts";
import { Problem } from "../../domain/problem.ts";
import { collectTransitions } from "../transitions.ts";
import type { ApiEnv } from "./env.ts";

export type LogSubmitDeps = {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
};

/** What the line says of a submit, as far as it came. */
const fieldsOf = ({ caller, submission, accepted }: Partial<ApiEnv["Variables"]>) => ({
  ...(caller && { senderId: caller.sender.senderId, keyId: caller.keyId }),
  ...(submission && {
    messageId: submission.messageId,
    targetHost: new URL(submission.targetUrl).host,
    bodyBytes: submission.body?.byteLength ?? 0,
  }),
  ...(accepted && { status: accepted.message.status, duplicate: accepted.duplicate }),
});

/** Writes the one line of a submit, and counts it, however it ends: Hono keeps what was thrown. */
export const logSubmit =
  ({ log, metrics, clock }: LogSubmitDeps): MiddlewareHandler<ApiEnv> =>
  async (context, next) => {
    const startedAt = clock();
    const transitions = collectTransitions();
    context.set("transitions", transitions);
    await next();

    const { error } = context;
    const { accepted } = context.var;
    const problem = error && (error instanceof Problem ? error.code : "SYSTEM_ERROR");
    if (accepted) metrics.count(accepted.duplicate ? "MessagesRepeated" : "MessagesAccepted");
    if (error instanceof Problem) metrics.count("MessagesRefused");
    const durationMs = clock() - startedAt;
    metrics.milliseconds("SubmitDuration", durationMs);
    log.line({
      event: "submit",
      transitions: transitions.steps,
      ...fieldsOf(context.var),
      ...(problem && { problem }),
      durationMs,
    });
  };

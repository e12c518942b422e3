import type { MiddlewareHandler } from "hono";
import type { Clock } from "../../adapters/clock.ts";
import type { Log, SubmitLine } from "../../adapters/log.ts";
import type { Metrics } from "../../adapters/metrics.ts";
import { Problem } from "../../domain/problem.ts";
import type { Submission } from "../../domain/submission.ts";
import { traceOf } from "../../domain/trace-context.ts";
import { collectTransitions } from "../transitions.ts";
import type { ApiEnv } from "./env.ts";
import { problemCodeOf } from "./problem-answer.ts";
import type { Accepted } from "./submit.ts";

export type LogSubmitDeps = {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
};

/** What a submit is about, and what it came to, as far as it came. */
export type SubmitFacts = Pick<SubmitLine, "transitions"> & {
  readonly submission?: Submission | undefined;
  readonly accepted?: Accepted | undefined;
  readonly error?: unknown;
};

const fieldsOf = ({ submission, accepted, error }: SubmitFacts) => ({
  ...(submission && {
    messageId: submission.messageId,
    targetHost: new URL(submission.targetUrl).host,
    bodyBytes: submission.body?.byteLength ?? 0,
    ...(submission.trace && { traceId: traceOf(submission)?.traceId }),
  }),
  ...(accepted && { status: accepted.message.status, duplicate: accepted.duplicate }),
  ...(error !== undefined && { problem: problemCodeOf(error) }),
});

/**
 * Writes the one line of a submit, and counts it, however it ends: Hono keeps what was thrown. A
 * batch has a line for each of its messages, or one if it is refused as a whole.
 */
export const logSubmit =
  ({ log, metrics, clock }: LogSubmitDeps): MiddlewareHandler<ApiEnv> =>
  async (context, next) => {
    const startedAt = clock();
    const { steps, on } = collectTransitions();
    context.set("transitions", { steps, on });
    await next();

    const { caller, submission, accepted, batch } = context.var;
    const by = caller && { senderId: caller.sender.senderId, keyId: caller.keyId };
    const durationMs = clock() - startedAt;
    const whole = { submission, accepted, error: context.error, transitions: steps };
    for (const facts of batch ?? [whole]) {
      if (facts.accepted)
        metrics.count(facts.accepted.duplicate ? "MessagesRepeated" : "MessagesAccepted");
      if (facts.error instanceof Problem) metrics.count("MessagesRefused");
      metrics.milliseconds("SubmitDuration", durationMs);
      const { transitions } = facts;
      log.line({ event: "submit", transitions, ...by, ...fieldsOf(facts), durationMs });
    }
  };

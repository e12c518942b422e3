import { Hono } from "hono";
import { limits } from "../../domain/limits.ts";
import type { Policy } from "../../domain/submission.ts";
import type { TargetPolicy } from "../../domain/target-url.ts";
import { submissionParser } from "../submission/parser.ts";
import { policyFor } from "../submission/policy.ts";
import { type Authenticate, requireScope } from "./authenticate.ts";
import { batchEntries } from "./batch-parser.ts";
import type { ApiEnv } from "./env.ts";
import { type LogSubmitDeps, logSubmit } from "./log-submit.ts";
import { askToRetry } from "./problem-answer.ts";
import { readBody } from "./read-body.ts";
import { expectJson, parseJson } from "./read-json.ts";
import type { SubmitDeps } from "./submit.ts";
import { type BatchResult, submitBatch } from "./submit-batch.ts";
import { type TraceSubmitDeps, traceBatch } from "./trace-submit.ts";
import { batchView } from "./views.ts";

export type BatchDeps = SubmitDeps &
  LogSubmitDeps &
  TraceSubmitDeps & {
    readonly authenticate: Authenticate;
    readonly policy: Policy;
    readonly target: TargetPolicy;
  };

const isOurFault = (result: BatchResult): boolean =>
  "problem" in result && result.problem.code === "SYSTEM_ERROR";

/**
 * Returns the route `/v1/messages/batch`. The answer is 200 whatever its messages came to: each has
 * its own result, and a sender that repeats the request repeats no message that was accepted.
 */
export const batch = (deps: BatchDeps): Hono<ApiEnv> => {
  const mayWrite = requireScope(deps.authenticate, "messages:write");
  const parse = submissionParser(deps.target);
  const app = new Hono<ApiEnv>();

  app.post("/", logSubmit(deps), mayWrite, traceBatch(deps), async (context) => {
    const { caller, traced } = context.var;
    expectJson(context.req.raw);
    const json = parseJson(await readBody(context, limits.batchRequestBytesMax));
    const entries = batchEntries(json);
    const { senderId } = caller.sender;
    const now = deps.clock();

    const { results, facts } = await submitBatch(deps, entries, {
      senderId,
      parse: (entry) => traced(parse(entry, { senderId, now })),
      policy: policyFor(caller.sender, deps.policy),
    });
    context.set("batch", facts);
    if (results.some(isOurFault)) askToRetry(context);
    return context.json(batchView(results));
  });
  return app;
};

import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { Log } from "../../adapters/log.ts";
import type { Vault } from "../../adapters/vault.ts";
import { type Job, type JobAsked, type JobVerb, jobVerbs, newJob } from "../../domain/job.ts";
import { Problem } from "../../domain/problem.ts";
import { countJob } from "../jobs/count-job.ts";
import { planJob } from "../jobs/plan-job.ts";
import { dueShardOf, noJob, type SteerJobDeps, steerJob } from "../jobs/steer-job.ts";
import { type Authenticate, doneBy, requireScope } from "./authenticate.ts";
import type { ApiEnv } from "./env.ts";
import { isFresh, type MadePlan, planExpired, planIn, planTokenOf } from "./job-plan-token.ts";
import { createdJobView, jobCountView, jobView, plannedView } from "./job-views.ts";
import type { ListPageDeps } from "./list-page.ts";
import { cursorAsked, cursorView, pageAsked, pageView } from "./page-query.ts";
import { problemCodeOf } from "./problem-answer.ts";
import { readJob } from "./read-job.ts";
import { readNothing } from "./read-members.ts";

export type JobsDeps = SteerJobDeps &
  ListPageDeps & {
    readonly authenticate: Authenticate;
    readonly listAll: boolean;
    readonly vault: Vault;
    readonly log: Log;
  };

/** Sorts by time, and stands in a path as it is. */
const jobIdAt = (at: number, nonce: string): string =>
  `${at.toString(36).padStart(9, "0")}-${nonce}`;

/** Only ids of this form are looked for. */
const isJobId = (text: string): boolean => /^[0-9a-z]{9}-[A-Za-z0-9_-]{1,64}$/.test(text);

/** Returns the name of the list of a sender's jobs, for its cursors. Sender ids contain no `#`. */
const listOf = (senderId: string): string => `jobs-cursor#${senderId}`;
/** Returns the name of the list of the messages of a job. */
const messagesOf = ({ senderId, jobId }: Job): string => `job-cursor#${senderId}#${jobId}`;

/** Writes the one line of a request that makes or changes a job, however it ends. */
const logJob =
  ({ log, clock }: JobsDeps, verb: "create" | JobVerb): MiddlewareHandler<ApiEnv> =>
  async (context, next) => {
    const startedAt = clock();
    await next();
    const { caller, job, isPlan } = context.var;
    log.line({
      ...{ event: "job", verb: isPlan ? "plan" : verb },
      ...{ senderId: caller?.sender.senderId, keyId: caller?.keyId },
      ...{ jobId: job?.jobId, action: job?.action, status: job?.status },
      ...{ problem: problemCodeOf(context.error), durationMs: clock() - startedAt },
    });
  };

/** Returns the job of a plan that is there already. Throws JOB_CONFLICT if it is another one. */
const sameJob = (job: Job, { ratePerSecond, canary }: JobAsked): Job => {
  const isSame =
    job.ratePerSecond === ratePerSecond && job.canary?.failShareMax === canary?.failShareMax;
  if (isSame) return job;
  throw new Problem(
    "JOB_CONFLICT",
    `There is a job of this plan already, ${job.jobId}, with another rate or canary. It was not changed.`,
  );
};

/** Stores the job of a plan. Of one plan there is one job, however often it is asked for. */
const createJob = async (
  { jobs, clock, chance, shards }: JobsDeps,
  { caller }: ApiEnv["Variables"],
  asked: JobAsked,
  made: MadePlan,
): Promise<{ readonly job: Job; readonly duplicate: boolean }> => {
  const { at, nonce, plan } = made;
  const key = { senderId: caller.sender.senderId, jobId: jobIdAt(at, nonce) };
  const now = clock();
  if (!isFresh(made, now)) {
    // Whoever lost the answer must get the job, however late.
    const before = await jobs.get(key, now);
    if (!before) throw planExpired();
    return { job: sameJob(before, asked), duplicate: true };
  }
  const job = newJob(asked, {
    ...{ ...key, before: at, plan, now, by: doneBy(caller) },
    ...{ dueShard: dueShardOf(key, shards), writeId: chance.token() },
  });
  const stored = await jobs.create(job);
  return stored.kind === "done"
    ? { job, duplicate: false }
    : { job: sameJob(stored.current ?? job, asked), duplicate: true };
};

/**
 * Returns the routes under `/v1/jobs`: one action on every message that matches a filter. The
 * dispatcher does the work; a request only makes or changes the job, by one conditional write.
 */
export const jobs = (deps: JobsDeps): Hono<ApiEnv> => {
  const { authenticate, clock, chance, vault } = deps;
  const mayWrite = requireScope(authenticate, "messages:write");
  const mayRead = requireScope(authenticate, "messages:read");
  const app = new Hono<ApiEnv>();

  const findJob = async (context: Context<ApiEnv>, jobId: string): Promise<Job> => {
    const { senderId } = context.var.caller.sender;
    const job = isJobId(jobId) ? await deps.jobs.get({ senderId, jobId }, clock()) : undefined;
    if (!job) throw noJob();
    return job;
  };

  app.post("/", logJob(deps, "create"), mayWrite, async (context) => {
    const { senderId } = context.var.caller.sender;
    const { asked, planOnly, plan: token } = await readJob(context, deps.listAll);
    const of = { senderId, ...asked };
    const at = clock();
    context.set("isPlan", planOnly);
    if (planOnly) {
      const { plan, groups } = await planJob(deps, { ...of, before: at });
      const made = { token: planTokenOf(vault, of, { at, nonce: chance.token(), plan }), at };
      const { ratePerSecond } = asked;
      return context.json(plannedView(plan, groups, { ratePerSecond, ...made }));
    }
    const made =
      token === undefined
        ? { ...(await planJob(deps, { ...of, before: at })), at, nonce: chance.token() }
        : planIn(vault, of, token);
    const { job, duplicate } = await createJob(deps, context.var, asked, made);
    context.set("job", job);
    return context.json(createdJobView(job, duplicate, clock()), 202);
  });

  app.get("/", mayRead, async (context) => {
    const { senderId } = context.var.caller.sender;
    const list = listOf(senderId);
    const now = clock();
    const page = await deps.jobs.list(senderId, pageAsked(vault, list, context.req.url), now);
    return context.json(pageView(vault, list, page, (job) => jobView(job, now)));
  });

  app.get("/:jobId", mayRead, async (context) =>
    context.json(jobView(await findJob(context, context.req.param("jobId")), clock())),
  );

  app.get("/:jobId/counts", mayRead, async (context) => {
    const job = await findJob(context, context.req.param("jobId"));
    const list = messagesOf(job);
    const after = cursorAsked(vault, list, context.req.url);
    const { next, ...count } = await countJob(deps, job, after, clock());
    return context.json(jobCountView(count, cursorView(vault, list, next)));
  });

  for (const verb of jobVerbs)
    app.post(`/:jobId/${verb}`, logJob(deps, verb), mayWrite, async (context) => {
      await readNothing(context);
      const found = await findJob(context, String(context.req.param("jobId")));
      const job = await steerJob(deps, found, verb, doneBy(context.var.caller));
      context.set("job", job);
      return context.json(jobView(job, clock()));
    });
  return app;
};

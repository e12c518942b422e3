import { inTurn } from "../../adapters/in-turn.ts";
import { entryIdOfJob } from "../../domain/action-entry.ts";
import {
  canarySizes,
  isForJob,
  type Job,
  jobTtlAt,
  judgeCanary,
  listOfJob,
  paceOf,
  roomOf,
  withStatus,
} from "../../domain/job.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import type { JobStore } from "../../entities/job.ts";
import { type ListPageDeps, listPage } from "../api/list-page.ts";
import { type ActOnMessageDeps, actOnMessage, type JobResult } from "./act-on-message.ts";

export type RunJobDeps = ActOnMessageDeps & ListPageDeps & { readonly jobs: JobStore };

/** How long a run keeps a job to itself. A run that dies leaves it to the next one after that. */
const holdMs = 2 * limits.jobRunMsMax;
/** How soon the canaries are looked at again. */
const canaryPauseMs = 5000;
/** How soon a job goes on for which a run had no time left. */
const goOnMs = 1000;
/** How soon a batch is tried again that could not be acted on. */
const troubledPauseMs = 10_000;

/** A run at a job: the job as it was last stored, and what has been done since. */
type Run = RunJobDeps & {
  readonly take: ReturnType<typeof inTurn>;
  readonly hasTime: () => boolean;
};

/** The job was changed by somebody else: a person, or another run. This run leaves it. */
class Overtaken extends Error {}

const written = ({ clock, chance }: RunJobDeps, job: Job): Job => {
  const now = clock();
  const next = { revision: job.revision + 1, writeId: chance.token(), updatedAt: now };
  return { ...job, ...next, ttl: jobTtlAt(now) };
};

/**
 * Stores a job as it is now. Throws Overtaken if somebody else changed it. `worked` is the job
 * after its last batch: if a person paused or cancelled it meanwhile, that is stored with the
 * person's change, because it was done. If even that is refused, the batch is still stored, and the
 * next run finds that it was done.
 */
const store = async (run: RunJobDeps, changed: Job, worked: Job): Promise<Job> => {
  const next = written(run, changed);
  const stored = await run.jobs.replace(next);
  if (stored.kind === "done") return next;
  const { current } = stored;
  if (current && current.status !== "RUNNING" && current.revision === changed.revision + 1) {
    const { done, failed, batch, tries, sample, paceAt } = worked;
    await run.jobs.replace(
      written(run, { ...current, done, failed, batch, tries, sample, paceAt }),
    );
  }
  throw new Overtaken("The job was changed meanwhile");
};

/** How often a batch is tried before what cannot be acted on is given up. */
const triesMax = 5;

const countOf = (results: readonly (JobResult | undefined)[], wanted: JobResult): number =>
  results.filter((result) => result === wanted).length;

/**
 * Acts on the batch of a job, each message in its time, and counts the results. A message that
 * could not be acted on for a reason of ours stays in the batch; at the last try it counts as
 * failed, so that one damaged message does not keep the others waiting for ever.
 */
const finishBatch = async (run: Run, job: Job): Promise<Job> => {
  const { senderId, jobId, batch } = job;
  const now = run.clock();
  const isCanary = job.stage < canarySizes.length;
  const { times, paceAt } = paceOf(job, batch.length, now);
  const isLastTry = job.tries + 1 >= triesMax;
  const actOn = async (messageId: string, at: number): Promise<JobResult | undefined> => {
    try {
      return await run.take(() => actOnMessage(run, job, messageId, at));
    } catch (error) {
      run.log.failure("job could not act", error, { senderId, jobId, messageId });
      return isLastTry ? "failed" : undefined;
    }
  };
  const results = await Promise.all(
    batch.map((messageId, index) => actOn(messageId, isCanary ? now : (times[index] ?? now))),
  );
  const replayed = batch.filter((_, index) => results[index] === "done");
  const left = batch.filter((_, index) => results[index] === undefined);
  return {
    ...job,
    done: job.done + countOf(results, "done"),
    failed: job.failed + countOf(results, "failed"),
    batch: left,
    tries: left.length > 0 ? job.tries + 1 : 0,
    ...(isCanary ? { sample: [...job.sample, ...replayed] } : { paceAt }),
  };
};

/** What is to happen next with a job whose batch is done. */
type Step =
  | { readonly kind: "take"; readonly job: Job }
  | { readonly kind: "leave"; readonly job: Job };

const waitUntil = (job: Job, dueAt: number): Step => ({ kind: "leave", job: { ...job, dueAt } });

const afterCanary = async (run: Run, job: Job): Promise<Step> => {
  const { messages, clock } = run;
  const { senderId, sample, canary } = job;
  const now = clock();
  const found = await Promise.all(
    sample.map((messageId) => run.take(() => messages.get({ senderId, messageId }, now))),
  );
  const verdict = canary ? judgeCanary(canary, found) : "go";
  if (verdict === "wait") return waitUntil(job, now + canaryPauseMs);
  if (verdict === "stop") return { kind: "leave", job: withStatus(job, "STOPPED", now, "") };
  return { kind: "take", job: { ...job, stage: job.stage + 1, sample: [] } };
};

/**
 * Messages move in an index while it is read, so the list is read again until nothing new is in it;
 * more often than this only if messages cannot be acted on at all.
 */
const readingsMax = 5;

const afterList = (run: Run, job: Job): Step => {
  if (job.taken === 0 || job.readings + 1 >= readingsMax)
    return { kind: "leave", job: withStatus(job, "DONE", run.clock(), "") };
  const { position: _, isListRead: __, ...again } = job;
  return { kind: "take", job: { ...again, readings: job.readings + 1, taken: 0 } };
};

/** Returns those of the messages that the job has not been at: it has no entry for them. */
const notYetActedOn = async (run: Run, job: Job, messages: readonly Message[]) => {
  // In its first reading it meets none twice.
  if (job.readings === 0) return messages;
  const entryId = entryIdOfJob(job.jobId);
  const entries = await Promise.all(
    messages.map((message) => run.take(() => run.actions.get({ ...idsOf(message), entryId }))),
  );
  return messages.filter(({ submitId }, index) => entries[index]?.submitId !== submitId);
};

const idsOf = ({ senderId, messageId }: Message) => ({ senderId, messageId });

/** Takes the next messages of the list as the batch of the job, and notes how far it was read. */
const takeBatch = async (run: Run, job: Job): Promise<Step> => {
  const now = run.clock();
  if (job.isListRead === true) return afterList(run, job);
  const room = roomOf(job, now);
  if (room < 1) return waitUntil(job, job.paceAt - limits.jobAheadMsMax + goOnMs);
  const { messages, next } = await listPage(run, {
    ...{ senderId: job.senderId, filter: listOfJob(job), now },
    ...(job.position && { after: job.position }),
    ...{ limit: room, examinedMax: limits.listExaminedMax },
  });
  const matching = messages.filter((message) => isForJob(job, message));
  const batch = await notYetActedOn(run, job, matching);
  return {
    kind: "take",
    job: {
      ...job,
      ...(next === null ? { isListRead: true } : { position: next }),
      batch: batch.map(({ messageId }) => messageId),
      taken: job.taken + batch.length,
    },
  };
};

/**
 * Works at a job until it has to wait, it has ended, or the time is over. A batch is stored before
 * it is acted on, and counted by the write that stores the next one: a crash in between leaves a
 * batch that the next run acts on again, and nothing is done twice.
 */
const workAt = async (run: Run, taken: Job): Promise<Job> => {
  let job = taken;
  for (;;) {
    const worked = job.batch.length > 0 ? await finishBatch(run, job) : job;
    const step = await stepAfter(run, worked);
    if (step.kind === "leave") return store(run, step.job, worked);
    job = step.job.batch.length > 0 ? await store(run, step.job, worked) : step.job;
  }
};

const stepAfter = async (run: Run, job: Job): Promise<Step> => {
  const now = run.clock();
  if (job.batch.length > 0) return waitUntil(job, now + troubledPauseMs);
  if (job.sample.length > 0) return afterCanary(run, job);
  return run.hasTime() ? takeBatch(run, job) : waitUntil(job, now + goOnMs);
};

/** Keeps a job to this run for a while. Returns undefined if there is nothing to do at it. */
const hold = async (run: RunJobDeps, key: Pick<Job, "senderId" | "jobId">) => {
  const now = run.clock();
  const job = await run.jobs.get(key, now);
  if (job?.status !== "RUNNING" || (job.dueAt ?? now) > now) return undefined;
  return store(run, { ...job, dueAt: now + holdMs }, job);
};

/** Works at a job, if there is something to do at it. `remainingMs` is what its run has left. */
export type RunJob = (
  key: Pick<Job, "senderId" | "jobId">,
  context: { readonly remainingMs: () => number },
) => Promise<void>;

/**
 * Returns a function that works at a job: once at a time, however many runs there are. Every write
 * is conditional on the job as it was seen, so a run that is overtaken stops.
 */
export const jobRunner = (deps: RunJobDeps): RunJob => {
  const take = inTurn(limits.jobCallsMax);
  return async (key, { remainingMs }) => {
    const { clock, log } = deps;
    const startedAt = clock();
    const hasTime = (): boolean =>
      clock() - startedAt < limits.jobRunMsMax && remainingMs() > limits.dispatchMarginMs;
    try {
      const held = await hold(deps, key);
      if (!held) return;
      const job = await workAt({ ...deps, take, hasTime }, held);
      const { senderId, jobId, action, status, done, failed } = job;
      log.line({
        ...{ event: "job", senderId, jobId, action, status, done, failed },
        durationMs: clock() - startedAt,
      });
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
    }
  };
};

import { entryIdOfJob } from "../../domain/action-entry.ts";
import { halted, type Job } from "../../domain/job.ts";
import { isForJob, listOfJob } from "../../domain/job-messages.ts";
import { judgeCanary, roomOf } from "../../domain/job-pace.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import { listPage } from "../api/list-page.ts";
import type { Run } from "./store-job.ts";

/** How soon the canaries are judged again. */
const canaryPauseMs = 5000;
/** How soon a job goes on for which a run had no time left. */
const goOnMs = 1000;
/** How soon a batch is tried again that could not be acted on. */
const troubledPauseMs = 10_000;

/** What is to happen next with a job whose batch is done. */
export type Step =
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
  if (verdict === "stop") return { kind: "leave", job: halted(job, "STOPPED", now) };
  return { kind: "take", job: { ...job, stage: job.stage + 1, sample: [] } };
};

/**
 * Messages move in an index while it is read, so the list is read again until nothing new is in it;
 * more often than this only if messages cannot be acted on at all.
 */
const readingsMax = 5;

const afterList = (run: Run, job: Job): Step => {
  if (job.taken === 0 || job.readings + 1 >= readingsMax)
    return { kind: "leave", job: halted(job, "DONE", run.clock()) };
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
  return messages.filter((_, index) => !entries[index]);
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
      // As it is stored next.
      ...(batch.length > 0 && { takenAs: job.revision + 1 }),
      taken: job.taken + batch.length,
    },
  };
};

/** Returns what is to happen next with a job after its batch. */
export const nextStep = async (run: Run, job: Job): Promise<Step> => {
  const now = run.clock();
  if (job.batch.length > 0) return waitUntil(job, now + troubledPauseMs);
  if (job.sample.length > 0) return afterCanary(run, job);
  return run.hasTime() ? takeBatch(run, job) : waitUntil(job, now + goOnMs);
};

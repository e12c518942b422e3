import { type ActionEntry, entryIdOfJob, entryOf } from "../../domain/action-entry.ts";
import type { Job } from "../../domain/job.ts";
import { isForJob } from "../../domain/job-messages.ts";
import type { Message } from "../../domain/message.ts";
import { Problem } from "../../domain/problem.ts";
import { cancelMessage } from "../steer/cancel.ts";
import { type ReplayDeps, replayMessage } from "../steer/replay.ts";
import { collectTransitions } from "../transitions.ts";

export type ActOnMessageDeps = ReplayDeps;

/** What a job came to with one message. `failed`: its state does not allow the action any more. */
export type JobResult = "done" | "failed";

/**
 * Returns when the first attempt of a replay may begin: at the pace of the job, and not before it
 * was to.
 */
const firstAttemptAt = ({ status, deliverAt = 0 }: Message, at: number): number =>
  status === "CANCELLED" ? Math.max(deliverAt, at) : at;

const act = (deps: ActOnMessageDeps, job: Job, message: Message, at: number): Promise<Message> =>
  job.action === "cancel"
    ? cancelMessage(deps, message)
    : replayMessage(deps, message, {
        ...(job.attempts !== undefined && { attempts: job.attempts }),
        deliverAt: firstAttemptAt(message, at),
      });

/** Tells a refusal because of the state from a failure of ours. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Problem && error.code !== "SYSTEM_ERROR";

/**
 * Tells what came of an entry of this job whose message is no longer as it found it: this job did
 * what it is for, unless the entry is refused, or another one found the message in the same state.
 * Which of two jobs it was that both died is not known: of their entries one at least stays.
 */
const resultOf = async (
  { actions }: ActOnMessageDeps,
  entry: ActionEntry,
  message: Message,
): Promise<JobResult> => {
  if (entry.refused === true) return "failed";
  const isRival = (each: ActionEntry): boolean =>
    each.entryId !== entry.entryId &&
    each.action === entry.action &&
    each.replays === entry.replays &&
    each.refused !== true;
  const hasRival = async (): Promise<boolean> => (await actions.of(message)).some(isRival);
  if (entry.action !== "replay" || !(await hasRival())) return "done";
  await actions.refuse(entry);
  if (await hasRival()) return "failed";
  // Each took the other for the one that did it.
  await actions.unrefuse(entry);
  return "done";
};

/**
 * Does to one message what a job is for, once: also if it is called again after a crash, and at the
 * same time by two runs. A message that is no longer what the filter says is left alone: somebody
 * else was faster, and may have had it delivered.
 *
 * The job's entry for the message comes first, and there is only one. It says how often the message
 * had been replayed. If it has been replayed since, this job did it, and does not do it again: a
 * message that fails again is left alone. Otherwise a crash came in between, and it is done now.
 */
export const actOnMessage = async (
  deps: ActOnMessageDeps,
  job: Job,
  messageId: string,
  at: number,
): Promise<JobResult> => {
  const { senderId, jobId, action } = job;
  const { actions, clock, log } = deps;
  const startedAt = clock();
  const message = await deps.messages.get({ senderId, messageId }, startedAt);
  if (!message) return "failed";
  const [by, entryId] = [{ jobId }, entryIdOfJob(jobId)];
  if (!isForJob(job, message)) {
    const before = await actions.get({ senderId, messageId, entryId });
    return before ? resultOf(deps, before, message) : "failed";
  }
  const stored = await actions.record(entryOf(message, { entryId, action, by, at: startedAt }));
  // Replayed since, though by its time it ended before the job was made: clocks differ.
  if (stored.replays !== message.replays) return resultOf(deps, stored, message);

  const transitions = collectTransitions();
  const observed = { ...deps, messages: deps.messages.observedBy(transitions.on) };
  const line = (status: string, problem?: string): void =>
    log.line({
      ...{ event: "steer", action, senderId, jobId, messageId, status, problem },
      transitions: transitions.steps,
      durationMs: clock() - startedAt,
    });
  try {
    const { status } = await act(observed, job, message, at);
    line(status);
    return "done";
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const current = await deps.messages.get({ senderId, messageId }, clock());
    // Another run of this job may have been faster, or somebody else.
    const isReplayed = current !== undefined && current.replays !== stored.replays;
    const result = isReplayed ? await resultOf(deps, stored, current) : "failed";
    if (!isReplayed) await actions.refuse(stored);
    if (result === "failed") line(current?.status ?? "gone", (error as Problem).code);
    return result;
  }
};

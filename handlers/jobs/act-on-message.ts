import { entryIdOfJob, entryOf } from "../../domain/action-entry.ts";
import type { Job } from "../../domain/job.ts";
import type { Message } from "../../domain/message.ts";
import { Problem } from "../../domain/problem.ts";
import { cancelMessage } from "../steer/cancel.ts";
import { type ReplayDeps, replayMessage } from "../steer/replay.ts";
import { collectTransitions } from "../transitions.ts";

export type ActOnMessageDeps = ReplayDeps;

/** What a job came to with one message. `failed`: its state does not allow the action any more. */
export type JobResult = "done" | "failed";

/** When the first attempt of a replay may begin: at the pace of the job, and not before it was to. */
const firstAttemptAt = ({ status, deliverAt = 0 }: Message, at: number): number =>
  status === "CANCELLED" ? Math.max(deliverAt, at) : at;

const act = (deps: ActOnMessageDeps, job: Job, message: Message, at: number): Promise<Message> =>
  job.action === "cancel"
    ? cancelMessage(deps, message)
    : replayMessage(deps, message, {
        ...(job.attempts !== undefined && { attempts: job.attempts }),
        deliverAt: firstAttemptAt(message, at),
      });

/** A refusal because of the state. Everything else that is thrown is a failure of ours. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Problem && error.code !== "SYSTEM_ERROR";

/**
 * Does to one message what a job is for, once: also if it is called again after a crash, and at the
 * same time by two runs.
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
  const by = { jobId };
  const entry = entryOf(message, { entryId: entryIdOfJob(jobId), action, by, at: startedAt });
  const stored = await actions.record(entry);
  if (stored.refused === true) return "failed";
  if (stored.replays !== message.replays) return "done";

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
    // Another run of this job was faster.
    if (current && current.replays !== stored.replays) return "done";
    await actions.refuse(stored);
    line(current?.status ?? "gone", (error as Problem).code);
    return "failed";
  }
};

import { isMessageId } from "../../domain/ids.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import type { Problem } from "../../domain/problem.ts";
import type { Policy, Submission } from "../../domain/submission.ts";
import type { MessageStore } from "../../entities/message.ts";
import { putAllOnQueue } from "../put-on-queue.ts";
import { withIssuesMax } from "../submission/issues.ts";
import type { JsonText } from "../submission/json-text.ts";
import { isObject } from "../submission/members.ts";
import { collectTransitions } from "../transitions.ts";
import type { LogSubmitDeps, SubmitFacts } from "./log-submit.ts";
import { problemOf } from "./problem-answer.ts";
import { type Accepted, type SubmitDeps, storeMessage, waitingFor } from "./submit.ts";

/** One message of a batch, from its text to what it comes to. */
type Task = SubmitFacts & {
  readonly index: number;
  readonly entry: JsonText;
  /** Reports the changes of this message only. */
  readonly messages: MessageStore;
};
type Parsed = Task & { readonly submission: Submission };

/** What a message of a batch came to. A problem names the message if that has a valid id. */
export type BatchResult =
  | { readonly accepted: Accepted }
  | { readonly problem: Problem; readonly messageId: string | undefined };

const isParsed = (task: Task): task is Parsed => task.submission !== undefined;

/**
 * Splits messages into rounds, so that those with one id are submitted in their order: one of them
 * is over before the next begins. Mostly there is one round.
 */
const roundsOf = (tasks: readonly Parsed[]): readonly (readonly Parsed[])[] => {
  const rounds: Parsed[][] = [];
  const countOf = new Map<string, number>();
  for (const task of tasks) {
    const { messageId } = task.submission;
    const before = countOf.get(messageId) ?? 0;
    countOf.set(messageId, before + 1);
    rounds[before] = [...(rounds[before] ?? []), task];
  }
  return rounds;
};

const stored = async (deps: SubmitDeps, task: Parsed, policy: Policy): Promise<Task> => {
  const { messages, submission } = task;
  try {
    return { ...task, accepted: await storeMessage({ ...deps, messages }, submission, policy) };
  } catch (error) {
    return { ...task, error };
  }
};

const queued = (task: Task, put: PromiseSettledResult<Message> | undefined): Task => {
  const { accepted, ...before } = task;
  if (put?.status === "rejected") return { ...before, error: put.reason };
  return accepted && put ? { ...before, accepted: { ...accepted, message: put.value } } : task;
};

/** Stores the messages of a round side by side, and sends the records of those that are near. */
const submitRound = async (
  deps: SubmitDeps,
  round: readonly Parsed[],
  policy: Policy,
): Promise<readonly Task[]> => {
  const tasks = await Promise.all(round.map((task) => stored(deps, task, policy)));
  const now = deps.clock();
  const waiting = tasks.flatMap((task) => {
    const message = task.accepted && waitingFor(task.accepted.message, now);
    return message ? [{ task, message, messages: task.messages }] : [];
  });
  const puts = await putAllOnQueue(deps, waiting);
  const ended = new Map(waiting.map(({ task }, nth) => [task, queued(task, puts[nth])]));
  return tasks.map((task) => ended.get(task) ?? task);
};

const idIn = (value: unknown): string | undefined => {
  const id = isObject(value) ? value["messageId"] : undefined;
  return typeof id === "string" && isMessageId(id) ? id : undefined;
};

const resultOf =
  (deps: LogSubmitDeps, senderId: string, issuesMax: number) =>
  ({ accepted, error, entry }: Task): BatchResult => {
    if (accepted) return { accepted };
    const messageId = idIn(entry.value);
    const problem = problemOf(deps, error, { senderId, messageId });
    return { problem: withIssuesMax(problem, issuesMax), messageId };
  };

/**
 * Submits each message as if it was the only one, and resolves to what each came to, in the order
 * given. Their records are sent by one call. A crash leaves each message as a crash of its own
 * submit would.
 */
export const submitBatch = async (
  deps: SubmitDeps & LogSubmitDeps,
  entries: readonly JsonText[],
  {
    senderId,
    parse,
    policy,
  }: {
    readonly senderId: string;
    readonly parse: (entry: JsonText) => Submission;
    readonly policy: Policy;
  },
): Promise<{
  readonly results: readonly BatchResult[];
  readonly facts: readonly SubmitFacts[];
}> => {
  const tasks = entries.map((entry, index): Task => {
    const { steps: transitions, on } = collectTransitions();
    const task = { index, entry, transitions, messages: deps.messages.observedBy(on) };
    try {
      return { ...task, submission: parse(entry) };
    } catch (error) {
      return { ...task, error };
    }
  });
  const ended = [...tasks];
  for (const round of roundsOf(tasks.filter(isParsed)))
    for (const task of await submitRound(deps, round, policy)) ended[task.index] = task;
  // The faults that are listed are bounded for the whole request; no message takes another's share.
  const issuesMax = Math.floor(limits.issuesMax / entries.length);
  return { results: ended.map(resultOf(deps, senderId, issuesMax)), facts: ended };
};

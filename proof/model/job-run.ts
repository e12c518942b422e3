import { isTerminal, type Message } from "../../domain/message.ts";
import { type Config, jobOfRun } from "./config.ts";
import type { Step } from "./operation.ts";
import { type Actor, idle, type JobState, noJob, type State } from "./state.ts";
import type { Effects, World } from "./world.ts";

/** A run of the dispatcher at a job, and the world in which it goes on. */
export type Run = {
  readonly config: Config;
  readonly effects: Effects;
  readonly state: State;
  readonly index: number;
  readonly actor: Actor;
  readonly who: string;
  readonly number: number;
  readonly job: JobState;
};

/** Lets a run go on, with what it has seen of the message. */
export const goTo = (
  { effects, index }: Run,
  world: World,
  at: Actor["at"],
  isHit: boolean,
  seen: Partial<Actor> = {},
): void => {
  const { missed = 0 } = world.actors[index] ?? idle;
  effects.become(world, index, { at, missed, isHit, ...seen });
};

/** Stores a job. All runs at it have not seen this, but the one that does it. */
export const storeJob = (
  config: Config,
  world: World,
  number: number,
  change: Partial<JobState>,
  by = -1,
): void => {
  world.jobs[number] = { ...(world.jobs[number] ?? noJob), ...change };
  world.actors.forEach((actor, index) => {
    const isAtIt = jobOfRun(config, index) === number && actor.at !== "idle";
    if (isAtIt && index !== by)
      world.actors[index] = { ...actor, missed: Math.min(2, (actor.missed ?? 0) + 1) };
  });
};

/** Whether a job is for the message: as `isForJob` has it, by the times of the plan and the end. */
export const isFor = (
  { config, job, state }: Run,
  message: Message | undefined,
): message is Message => {
  if (!message || message.erasedAt !== undefined) return false;
  if (config.jobAction === "cancel")
    return !isTerminal(message.status) && message.cancelRequestedAt === undefined;
  // By a wrong clock what failed since the plan may have failed before it.
  const isAsPlanned = message.replays === job.planned || state.past.isClockBroken;
  return message.status === "FAILED" && (isAsPlanned || config.mistake === "job-without-plan");
};

/** A step that only reads, or cannot break. */
export const simply = (run: Run, does: string, act: (world: World) => void): Step => ({
  kind: "work",
  who: run.who,
  does,
  run: act,
});

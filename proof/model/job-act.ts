import { goTo, isFor, type Run, simply, storeJob } from "./job-run.ts";
import { giveUpAt, graceMs, now, ttl } from "./moments.ts";
import { type Step, stepsOf } from "./operation.ts";
import { toSend } from "./put-on-queue.ts";
import { key, noJob } from "./state.ts";
import { type Changed, jobIdOf, type World } from "./world.ts";

/** Looks at the message of the batch: it may not be what the job is for any more. */
export const lookSteps = (run: Run): readonly Step[] => {
  const { config, state } = run;
  const { message } = state;
  const first = config.mistake === "act-first" ? "job-change" : "job-enter";
  return [
    simply(run, "looks at the message", (world) => {
      if (!isFor(run, message)) goTo(run, world, "job-count", run.job.entered !== undefined);
      else goTo(run, world, first, false, { attempts: message.attempts, replays: message.replays });
    }),
  ];
};

/** One entry a job, whoever stores it: what it says of replays tells whether it is acted on. */
export const enterSteps = (run: Run): readonly Step[] => {
  const { config, effects, state, index, actor, number } = run;
  const { attempts, replays } = actor;
  const enter = (world: World): number => {
    const job = world.jobs[number] ?? noJob;
    if (job.entered !== undefined && config.mistake !== "entry-each-time") return job.entered;
    world.jobs[number] = { ...job, entered: replays };
    const jobId = jobIdOf(config, index);
    effects.observe(world, { kind: "entered", key, at: now, jobId, replays });
    return replays;
  };
  const next = (world: World, entered: number): void => {
    const isOver = entered !== replays || config.mistake === "act-first";
    if (isOver) goTo(run, world, "job-count", true);
    else goTo(run, world, "job-change", false, { attempts, replays });
  };
  const entering = { actor: index, does: "stores its entry of the message", effect: enter, next };
  return stepsOf<number>(effects, { ...entering, isRepeated: true }, state.faults > 0);
};

/** Replays or cancels the message as it was seen, and a replayed one is sent. */
export const changeSteps = (run: Run): readonly Step[] => {
  const { config, effects, state, index, actor, who } = run;
  const { attempts, replays } = actor;
  const writer = { by: who, role: "dispatcher" } as const;
  const cancel = (world: World): Changed => {
    const cancelled = effects.change(world, writer, "cancel", { now });
    if (cancelled.kind === "done") return cancelled;
    const asked = { now, set: { cancelRequestedAt: now } };
    return effects.change(world, writer, "requestCancel", asked);
  };
  const replay = (world: World): Changed =>
    effects.change(world, writer, "replay", {
      now,
      seen: { replays },
      set: {
        ...{ owner: who, attemptsAllowed: attempts + config.attempts, attemptsBefore: attempts },
        ...{ notBefore: now, dueAt: now + graceMs, dueShard: "0", giveUpAt, ttl },
      },
    });
  const next = (world: World, changed: Changed): void => {
    const isActFirst = config.mistake === "act-first";
    const sending = changed.kind === "done" ? toSend(changed.message, config.mistake) : undefined;
    if (isActFirst) goTo(run, world, "job-enter", true, { replays });
    else if (sending) goTo(run, world, sending.at ?? "send", true, sending);
    else goTo(run, world, "job-count", changed.kind === "done");
  };
  const does = config.jobAction === "cancel" ? "cancels the message" : "replays the message";
  const effect = config.jobAction === "cancel" ? cancel : replay;
  const changing = { actor: index, does, effect, next, isRepeated: true };
  return stepsOf(effects, changing, state.faults > 0);
};

/** After one change by others the batch is counted beside it; after more, others may have done so. */
export const countSteps = (run: Run): readonly Step[] => {
  const { config, effects, state, index, actor, number, job } = run;
  const { missed = 0, isHit = false } = actor;
  const isCanary = config.canary && isHit && config.jobAction === "replay";
  const count = (world: World): void => {
    if (missed < 2 && job.stage === "batch")
      storeJob(config, world, number, { stage: isCanary ? "canary" : "list" }, index);
  };
  const next = (world: World): void => effects.become(world, index, {});
  const counting = { actor: index, does: "counts the message, and has no batch any more" };
  return stepsOf<void>(effects, { ...counting, effect: count, next }, state.faults > 0);
};

import { judgeCanary } from "../../domain/job-pace.ts";
import type { Message } from "../../domain/message.ts";
import { jobOfRun } from "./config.ts";
import { isFor, type Run, simply, storeJob } from "./job-run.ts";
import { now } from "./moments.ts";
import { type Step, stepsOf } from "./operation.ts";
import { type Actor, type JobState, key, noJob } from "./state.ts";
import { jobIdOf, type World } from "./world.ts";

/** A run begins: with a new job, its list, its canary, or a batch that another run left. */
export const beginSteps = (run: Run): readonly Step[] => {
  const { config, effects, state, index, number, job } = run;
  // Which of two idle runs begins makes no difference, so it is the first.
  const isIdle = ({ at }: Actor, other: number): boolean =>
    at === "idle" && other >= 0 && jobOfRun(config, other) === number;
  if (state.actors.findIndex(isIdle) !== index) return [];
  if (job.status === "none") return planSteps(run);
  if (job.status !== "RUNNING") return [];
  if (job.stage === "list") return listSteps(run);
  if (job.stage === "canary") return canarySteps(run);
  return [
    simply(run, "takes the job, which has a batch", (world) => {
      storeJob(config, world, number, {}, index);
      effects.become(world, index, { at: "job-act", missed: 0 });
    }),
  ];
};

const planSteps = (run: Run): readonly Step[] => {
  const { config, effects, state, index, number } = run;
  const { message } = state;
  const isMeant = isFor({ ...run, job: { ...noJob, planned: message?.replays ?? 0 } }, message);
  if (!message || !isMeant) return [];
  const jobId = jobIdOf(config, index);
  return [
    {
      kind: "choice",
      who: "somebody",
      does: `makes ${jobId}, which is for the message`,
      run: (world) => {
        storeJob(config, world, number, { status: "RUNNING", planned: message.replays });
        effects.observe(world, { kind: "planned", key, at: now, jobId });
      },
    },
  ];
};

/** It goes through its list: what it meets once more, it may have passed already. */
const listSteps = (run: Run): readonly Step[] => {
  const { effects, state, index, job } = run;
  const { message, faults } = state;
  const read = (isHit: boolean) => (world: World) =>
    effects.become(world, index, { at: "job-take", missed: 0, isHit });
  const isThere = isFor(run, message);
  const isEntered = job.entered !== undefined;
  const passes = simply(run, "finds nothing more in its list", read(false));
  const finds = simply(run, "finds the message in its list", read(true));
  const overlooks: Step = {
    kind: "fault",
    who: run.who,
    does: "does not find the message in an index that is late",
    run: (world) => {
      effects.fault(world, "other");
      read(false)(world);
    },
  };
  if (!isThere || (job.isAgain && isEntered)) return [passes];
  // Met again in the same reading, which a wrong clock can bring about.
  if (isEntered) return [passes, { ...finds, kind: "choice" }];
  return [finds, ...(faults > 0 ? [overlooks] : [])];
};

/** Stores what it found as the batch of the job, unless somebody has changed the job since. */
export const takeSteps = (run: Run): readonly Step[] => {
  const { config, effects, state, index, actor, number, job } = run;
  const { missed = 0, isHit } = actor;
  const isOver = isHit !== true && job.isAgain;
  const change: Partial<JobState> = isHit
    ? { stage: "batch" }
    : { isAgain: true, ...(isOver && { status: "DONE" }) };
  return stepsOf<boolean>(
    effects,
    {
      actor: index,
      does: isHit ? "stores its batch" : isOver ? "ends the job" : "will read the list again",
      effect: (world) => {
        if (missed > 0) return false;
        storeJob(config, world, number, change, index);
        return true;
      },
      next: (world, isStored) => {
        if (isStored && isHit) effects.become(world, index, { at: "job-act", missed: 0 });
        else effects.become(world, index, {});
      },
    },
    state.faults > 0,
  );
};

/** The first attempt of the round decides, as soon as it is settled. */
const canarySteps = (run: Run): readonly Step[] => {
  const { config, state, number } = run;
  const { message } = state;
  const isHeld = message?.status === "PROCESSING";
  const settled = (message?.attempts ?? 0) - (isHeld ? 1 : 0);
  const lastOutcome = { attempt: settled, class: "unknown", at: now } as const;
  const canary = message && ({ ...message, lastOutcome } as Message);
  const verdict = judgeCanary({ failShareMax: 0.5 }, [canary]);
  if (verdict === "wait") return [];
  const change: Partial<JobState> =
    verdict === "stop" ? { stage: "list", status: "STOPPED" } : { stage: "list" };
  return [
    simply(run, verdict === "stop" ? "stops the job" : "finds that the canary is well", (world) =>
      storeJob(config, world, number, change),
    ),
  ];
};

import { type Config, jobOfRun } from "./config.ts";
import { changeSteps, countSteps, enterSteps, lookSteps } from "./job-act.ts";
import { beginSteps, takeSteps } from "./job-list.ts";
import { goTo, storeJob } from "./job-run.ts";
import type { Step } from "./operation.ts";
import { putOnQueue } from "./put-on-queue.ts";
import { idle, noJob, type State } from "./state.ts";
import type { Effects } from "./world.ts";

/** As `handlers/jobs/` has it: take a batch, store it, enter the message, act on it, count it. */
export const jobSteps = (
  config: Config,
  effects: Effects,
  state: State,
  index: number,
): readonly Step[] => {
  const actor = state.actors[index] ?? idle;
  const number = jobOfRun(config, index);
  const job = state.jobs[number] ?? noJob;
  const run = {
    config,
    effects,
    state,
    index,
    actor,
    number,
    job,
    who: effects.names[index] ?? "",
  };
  switch (actor.at) {
    case "idle":
      return beginSteps(run);
    case "job-take":
      return takeSteps(run);
    case "job-act":
      return lookSteps(run);
    case "job-enter":
      return enterSteps(run);
    case "job-change":
      return changeSteps(run);
    case "job-count":
      return countSteps(run);
    default:
      return putOnQueue(effects, state, index, (world) => goTo(run, world, "job-count", true));
  }
};

/** A person pauses a job, or resumes it. */
export const steerJobSteps = (
  config: Config,
  _: Effects,
  { jobs, jobChanges }: State,
): readonly Step[] =>
  jobChanges === 0
    ? []
    : jobs.flatMap(({ status }, number): readonly Step[] => {
        if (status === "none" || status === "DONE") return [];
        const isPause = status === "RUNNING";
        return [
          {
            kind: "choice",
            who: "somebody",
            does: `${isPause ? "pauses" : "resumes"} job-${number + 1}`,
            run: (world) => {
              world.jobChanges -= 1;
              storeJob(config, world, number, { status: isPause ? "PAUSED" : "RUNNING" });
            },
          },
        ];
      });

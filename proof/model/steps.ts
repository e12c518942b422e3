import type { Config } from "./config.ts";
import { dispatcherSteps } from "./dispatcher.ts";
import { eraseSteps } from "./erase.ts";
import { ingestionSteps } from "./ingestion.ts";
import { jobSteps, steerJobSteps } from "./jobs.ts";
import type { Step } from "./operation.ts";
import { cancelSteps, replaySteps, sendNowSteps } from "./people.ts";
import type { State } from "./state.ts";
import { brokenSteps, timeSteps } from "./surroundings.ts";
import { workerSteps } from "./worker.ts";
import type { Effects } from "./world.ts";

/** What one who takes part may do next, by its role. */
export const stepsBy = {
  ingestion: ingestionSteps,
  worker: workerSteps,
  dispatcher: dispatcherSteps,
  operator: replaySteps,
  sender: sendNowSteps,
  eraser: eraseSteps,
  "job run": jobSteps,
} as const;

/** All that can happen next, by anybody, in an order that stays. */
export const nextSteps = (config: Config, effects: Effects, state: State): readonly Step[] => [
  ...effects.roles.flatMap((role, index) => stepsBy[role](config, effects, state, index)),
  ...timeSteps(config, effects, state),
  ...cancelSteps(effects, state),
  ...steerJobSteps(config, effects, state),
  ...brokenSteps(config, effects, state),
];

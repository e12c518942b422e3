import { actionStore } from "../../entities/action.ts";
import { attemptStore } from "../../entities/attempt.ts";
import { jobStore } from "../../entities/job.ts";
import { messageListStore } from "../../entities/message-list.ts";
import { dispatcher } from "../dispatcher/dispatcher.ts";
import { jobRunner } from "../jobs/run-job.ts";
import { outsideOf, settingsOf } from "./start.ts";

const settings = settingsOf("dispatcher");

const outside = outsideOf("dispatcher", settings);
const { storage } = outside;
const deps = {
  ...settings,
  ...outside,
  attempts: attemptStore(storage),
  actions: actionStore(storage),
  jobs: jobStore(storage),
  lists: messageListStore(storage),
};

/** Runs each minute. */
export const handler = dispatcher({ ...deps, runJob: jobRunner(deps) });

import { actionStore } from "../../entities/action.ts";
import { attemptStore } from "../../entities/attempt.ts";
import { jobStore } from "../../entities/job.ts";
import { messageListStore } from "../../entities/message-list.ts";
import { outcomeStore } from "../../entities/outcomes.ts";
import type { Storage } from "../../entities/storage.ts";
import { type ApiDeps, api } from "../api/app.ts";
import { type Registry, registryOf } from "../senders/registry.ts";

type OfStorage = Registry & Pick<ApiDeps, "attempts" | "actions" | "jobs" | "lists" | "outcomes">;

/** Returns the whole HTTP interface. The function of the API loads this file when it first needs it. */
export const wholeApi = (deps: Omit<ApiDeps, keyof OfStorage> & { readonly storage: Storage }) => {
  const { storage } = deps;
  return api({
    ...deps,
    ...registryOf(storage),
    attempts: attemptStore(storage),
    actions: actionStore(storage),
    jobs: jobStore(storage),
    lists: messageListStore(storage),
    outcomes: outcomeStore(storage),
  });
};

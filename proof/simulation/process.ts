import type { Hono } from "hono";
import type { Chance } from "../../adapters/chance.ts";
import type { Clock, Sleep } from "../../adapters/clock.ts";
import type { Post } from "../../adapters/http.ts";
import type { Log } from "../../adapters/log.ts";
import type { Metrics } from "../../adapters/metrics.ts";
import type { Queue } from "../../adapters/queue.ts";
import { noTracing } from "../../adapters/tracing.ts";
import type { Vault } from "../../adapters/vault.ts";
import { actionStore } from "../../entities/action.ts";
import { attemptStore } from "../../entities/attempt.ts";
import { jobStore } from "../../entities/job.ts";
import { messageStore } from "../../entities/message.ts";
import { messageListStore } from "../../entities/message-list.ts";
import { outcomeStore } from "../../entities/outcomes.ts";
import { payloadStore } from "../../entities/payload.ts";
import type { Storage } from "../../entities/storage.ts";
import { authenticator } from "../../handlers/api/authenticate.ts";
import type { ApiEnv } from "../../handlers/api/env.ts";
import { compose, type HandlerSettings } from "../../handlers/compose.ts";
import { deadLetter } from "../../handlers/dead-letter.ts";
import { type Dispatcher, dispatcher } from "../../handlers/dispatcher/dispatcher.ts";
import { jobRunner } from "../../handlers/jobs/run-job.ts";
import { registryOf } from "../../handlers/senders/registry.ts";
import { secretsReader } from "../../handlers/signing.ts";
import { targetPolicyOf } from "../../handlers/target-policy.ts";
import { type Worker, worker } from "../../handlers/worker/worker.ts";
import { sharedApp } from "./shared-app.ts";

/** What one process of the service is given from outside, besides table and queue. */
export type Surroundings = {
  readonly post: Post;
  readonly vault: Vault;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly chance: Chance;
};

/** The handlers of one process. What it remembers dies with it. */
export type Handlers = {
  readonly api: () => Pick<Hono<ApiEnv>, "request">;
  readonly worker: () => Worker;
  readonly dispatcher: () => Dispatcher;
  readonly deadLetter: () => ReturnType<typeof deadLetter>;
};
export type MakeHandlers = (surroundings: Surroundings, settings: HandlerSettings) => Handlers;

/** The stores hold no state, and describing them takes longer than a whole run: once for all. */
export const storesOver = (storage: Storage) => ({
  ...registryOf(storage),
  messages: messageStore(storage),
  payloads: payloadStore(storage),
  attempts: attemptStore(storage),
  actions: actionStore(storage),
  jobs: jobStore(storage),
  lists: messageListStore(storage),
  outcomes: outcomeStore(storage),
});
export type Stores = ReturnType<typeof storesOver>;
type Ports = { readonly stores: Stores; readonly queue: Queue };

/**
 * What `compose` does, over stores that are there already, and one app for all processes. A test
 * holds it together with `compose`.
 */
export const overSharedStores = ({ stores, queue }: Ports): MakeHandlers => {
  const appOf = sharedApp();
  return (surroundings, settings) => {
    const target = targetPolicyOf(settings);
    const deps = { tracing: noTracing, ...surroundings, ...settings, ...stores, queue, target };
    return {
      api: () => {
        const { scheduleMs, retentionDays } = settings;
        const policy = { scheduleMs, retentionDays };
        return appOf({ ...deps, authenticate: authenticator(deps), policy });
      },
      worker: () => worker({ ...deps, secretsOf: secretsReader(deps) }),
      dispatcher: () => dispatcher({ ...deps, runJob: jobRunner(deps) }),
      deadLetter: () => deadLetter(deps),
    };
  };
};

/** The product's own composition, made anew for each process. */
export const byCompose =
  (storage: Storage, queue: Queue): MakeHandlers =>
  (surroundings, settings) =>
    compose({ ...surroundings, storage, queue }, settings);

import type { Hono } from "hono";
import type { Chance } from "../../adapters/chance.ts";
import type { Clock, Sleep } from "../../adapters/clock.ts";
import type { Post } from "../../adapters/http.ts";
import type { Log } from "../../adapters/log.ts";
import type { Metrics } from "../../adapters/metrics.ts";
import { sqsQueue } from "../../adapters/queue.ts";
import type { Vault } from "../../adapters/vault.ts";
import { actionStore } from "../../entities/action.ts";
import { attemptStore } from "../../entities/attempt.ts";
import { jobStore } from "../../entities/job.ts";
import { messageStore } from "../../entities/message.ts";
import { messageListStore } from "../../entities/message-list.ts";
import { outcomeStore } from "../../entities/outcomes.ts";
import { payloadStore } from "../../entities/payload.ts";
import { api } from "../../handlers/api/app.ts";
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
import { clients, queueUrl, tableName } from "./ports.ts";

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
  readonly api: () => Hono<ApiEnv>;
  readonly worker: () => Worker;
  readonly dispatcher: () => Dispatcher;
  readonly deadLetter: () => ReturnType<typeof deadLetter>;
};
export type MakeHandlers = (surroundings: Surroundings, settings: HandlerSettings) => Handlers;

export const storage = { client: clients.table, table: tableName };
export const queue = sqsQueue(clients.queue, queueUrl);

/** The stores hold no state, and describing them takes longer than a whole run: once for all. */
export const stores = {
  ...registryOf(storage),
  messages: messageStore(storage),
  payloads: payloadStore(storage),
  attempts: attemptStore(storage),
  actions: actionStore(storage),
  jobs: jobStore(storage),
  lists: messageListStore(storage),
  outcomes: outcomeStore(storage),
};

/** What `compose` does, over stores that are there already. A test holds the two together. */
export const overSharedStores: MakeHandlers = (surroundings, settings) => {
  const deps = { ...surroundings, ...settings, ...stores, queue, target: targetPolicyOf(settings) };
  return {
    api: () => {
      const { scheduleMs, retentionDays } = settings;
      const policy = { scheduleMs, retentionDays };
      return api({ ...deps, authenticate: authenticator(deps), policy });
    },
    worker: () => worker({ ...deps, secretsOf: secretsReader(deps) }),
    dispatcher: () => dispatcher({ ...deps, runJob: jobRunner(deps) }),
    deadLetter: () => deadLetter(deps),
  };
};

/** The product's own composition, about five times as slow. */
export const byCompose: MakeHandlers = (surroundings, settings) =>
  compose({ ...surroundings, storage, queue }, settings);

import type { Hono } from "hono";
import { type Chance, systemChance } from "../adapters/chance.ts";
import { type Clock, type Sleep, systemClock, systemSleep } from "../adapters/clock.ts";
import type { Post } from "../adapters/http.ts";
import type { Log } from "../adapters/log.ts";
import type { Metrics } from "../adapters/metrics.ts";
import type { Queue } from "../adapters/queue.ts";
import type { SettingsOf } from "../adapters/read-settings.ts";
import { noTracing, type Tracing } from "../adapters/tracing.ts";
import type { Vault } from "../adapters/vault.ts";
import { actionStore } from "../entities/action.ts";
import { attemptStore } from "../entities/attempt.ts";
import { jobStore } from "../entities/job.ts";
import { messageStore } from "../entities/message.ts";
import { messageListStore } from "../entities/message-list.ts";
import { outcomeStore } from "../entities/outcomes.ts";
import { payloadStore } from "../entities/payload.ts";
import type { Storage } from "../entities/storage.ts";
import { api } from "./api/app.ts";
import { authenticator } from "./api/authenticate.ts";
import type { Invited } from "./api/dashboard.ts";
import type { ApiEnv } from "./api/env.ts";
import { startingApi } from "./api/starting-api.ts";
import { deadLetter } from "./dead-letter.ts";
import { dispatcher } from "./dispatcher/dispatcher.ts";
import { jobRunner } from "./jobs/run-job.ts";
import { registryOf } from "./senders/registry.ts";
import { secretsReader } from "./signing.ts";
import { targetPolicyOf } from "./target-policy.ts";
import { worker } from "./worker/worker.ts";

/** The settings of all four handlers. Those of tracing are read by whoever opens it. */
export type HandlerSettings = Omit<
  Pick<
    SettingsOf<"local">,
    keyof SettingsOf<"local"> &
      keyof (SettingsOf<"api"> & SettingsOf<"worker"> & SettingsOf<"dispatcher">)
  >,
  `tracing${string}`
>;

/** The dependencies of the handlers outside of the process. */
export type Outside = {
  readonly storage: Storage;
  readonly queue: Queue;
  readonly post: Post;
  readonly vault: Vault;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing;
  readonly clock?: Clock;
  readonly sleep?: Sleep;
  readonly chance?: Chance;
  /** What one-time sign-in links to the dashboard stand for. Absent: there are no such links. */
  readonly invited?: Invited;
};

/** Composes the four handlers over the same dependencies. Each is made when it is asked for. */
export const compose = (outside: Outside, settings: HandlerSettings) => {
  const { storage } = outside;
  const deps = {
    clock: systemClock,
    sleep: systemSleep,
    chance: systemChance,
    tracing: noTracing,
    // Before the dependencies: no setting may take the place of one.
    ...settings,
    target: targetPolicyOf(settings),
    ...outside,
    ...registryOf(storage),
    messages: messageStore(storage),
    payloads: payloadStore(storage),
    attempts: attemptStore(storage),
    actions: actionStore(storage),
    jobs: jobStore(storage),
    lists: messageListStore(storage),
    outcomes: outcomeStore(storage),
  };
  const ofApi = {
    ...deps,
    authenticate: authenticator(deps),
    policy: { scheduleMs: settings.scheduleMs, retentionDays: settings.retentionDays },
  };
  const wholeApi = (): Hono<ApiEnv> => api(ofApi);
  return {
    /** As it is on AWS, but that all of it is loaded already. */
    api: (): Hono<ApiEnv> => startingApi(ofApi, async () => wholeApi()),
    wholeApi,
    worker: () => worker({ ...deps, secretsOf: secretsReader(deps) }),
    dispatcher: () => dispatcher({ ...deps, runJob: jobRunner(deps) }),
    deadLetter: () => deadLetter(deps),
  };
};

import { AsyncLocalStorage } from "node:async_hooks";
import type { Hono } from "hono";
import type { Chance } from "../../adapters/chance.ts";
import type { Clock, Sleep } from "../../adapters/clock.ts";
import type { Post } from "../../adapters/http.ts";
import type { Log } from "../../adapters/log.ts";
import type { Metrics } from "../../adapters/metrics.ts";
import type { Queue } from "../../adapters/queue.ts";
import type { Vault } from "../../adapters/vault.ts";
import { actionStore } from "../../entities/action.ts";
import { attemptStore } from "../../entities/attempt.ts";
import { jobStore } from "../../entities/job.ts";
import { messageStore } from "../../entities/message.ts";
import { messageListStore } from "../../entities/message-list.ts";
import { outcomeStore } from "../../entities/outcomes.ts";
import { payloadStore } from "../../entities/payload.ts";
import type { Storage } from "../../entities/storage.ts";
import { type ApiDeps, api } from "../../handlers/api/app.ts";
import { type Authenticate, authenticator } from "../../handlers/api/authenticate.ts";
import type { ApiEnv } from "../../handlers/api/env.ts";
import { compose, type HandlerSettings } from "../../handlers/compose.ts";
import { deadLetter } from "../../handlers/dead-letter.ts";
import { type Dispatcher, dispatcher } from "../../handlers/dispatcher/dispatcher.ts";
import { jobRunner } from "../../handlers/jobs/run-job.ts";
import { registryOf } from "../../handlers/senders/registry.ts";
import { secretsReader } from "../../handlers/signing.ts";
import { targetPolicyOf } from "../../handlers/target-policy.ts";
import { type Worker, worker } from "../../handlers/worker/worker.ts";

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

/** What the interface of one process has of its own: all that differs from process to process. */
type Own = Pick<Surroundings, "clock" | "chance" | "log" | "post" | "sleep" | "vault"> & {
  readonly authenticate: Authenticate;
};
const inProcess = new AsyncLocalStorage<Own>();
const own = (): Own => {
  const entered = inProcess.getStore();
  if (!entered) throw new Error("Nobody has asked");
  return entered;
};
/** Whatever a process has of its own is looked up when it is used. */
const ownLater: Own = {
  clock: () => own().clock(),
  sleep: (ms) => own().sleep(ms),
  post: (request, deadlineMs) => own().post(request, deadlineMs),
  chance: { random: () => own().chance.random(), token: () => own().chance.token() },
  log: {
    line: (line) => own().log.line(line),
    failure: (what, error, fields) => own().log.failure(what, error, fields),
  },
  vault: {
    seal: (plain, context) => own().vault.seal(plain, context),
    open: (sealed, context) => own().vault.open(sealed, context),
    mac: (text, context, keyId) => own().vault.mac(text, context, keyId),
  },
  authenticate: {
    sender: (...given) => own().authenticate.sender(...given),
    operator: (...given) => own().authenticate.operator(...given),
    identify: (...given) => own().authenticate.identify(...given),
  },
};

/**
 * What `compose` does, over stores that are there already. The routes of the interface remember
 * nothing, and making them takes as long as a whole run: there is one app for all processes that
 * are set up alike. A test holds all of it together with `compose`.
 */
export const overSharedStores = ({ stores, queue }: Ports): MakeHandlers => {
  const apps = new Map<string, Hono<ApiEnv>>();
  const appOf = (settings: HandlerSettings, deps: Omit<ApiDeps, keyof Own>): Hono<ApiEnv> => {
    const name = JSON.stringify(settings);
    const known = apps.get(name) ?? api({ ...deps, ...ownLater });
    apps.set(name, known);
    return known;
  };
  return (surroundings, settings) => {
    const target = targetPolicyOf(settings);
    const deps = { ...surroundings, ...settings, ...stores, queue, target };
    return {
      api: () => {
        const { scheduleMs, retentionDays } = settings;
        const app = appOf(settings, { ...deps, policy: { scheduleMs, retentionDays } });
        const ownNow = { ...surroundings, authenticate: authenticator(deps) };
        return { request: (...given) => inProcess.run(ownNow, () => app.request(...given)) };
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

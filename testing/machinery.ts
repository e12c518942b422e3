import { messageStore } from "../entities/message.ts";
import type { Storage } from "../entities/storage.ts";
import { compose } from "../handlers/compose.ts";
import { targetPolicyOf } from "../handlers/target-policy.ts";
import { openQueues } from "../local/queues.ts";
import { workerOver } from "../worker/worker.ts";
import { testNetwork } from "./network.ts";
import {
  collectFailures,
  countingChance,
  noMetrics,
  stoppingQueue,
  testVault as vault,
} from "./outside.ts";
import type { TestSettings } from "./read-options.ts";
import { runnerOf, visibilityMs } from "./run.ts";
import { senderMaker, type TestFetch, testUrl } from "./senders.ts";
import type { VirtualTime } from "./time.ts";

/** As deployed. */
const receivesMax = 5;

type Api = { readonly request: (path: string, init: RequestInit) => Response | Promise<Response> };

/** Whatever a client gives besides, such as a signal, is for a network. */
const fetchOf =
  (api: Api): TestFetch =>
  async (url, { method = "GET", headers = {}, body } = {}) => {
    const { pathname, search } = new URL(url, testUrl);
    return api.request(`${pathname}${search}`, { method, headers, body });
  };

/** Composes the handlers over a table, a clock and a network, and what runs them. */
export const machinery = (
  storage: Storage,
  time: VirtualTime,
  { handlers: settings, worker }: TestSettings,
) => {
  const { now: clock, wait: sleep } = time;
  const queues = openQueues({ clock, visibilityMs, receivesMax });
  const queue = stoppingQueue(queues.queue, time);
  const network = testNetwork(time, targetPolicyOf(settings));
  const { log, failures } = collectFailures();
  const chance = countingChance();
  const outside = { storage, queue, post: network.post, vault, log, metrics: noMetrics };
  const handlers = compose({ ...outside, clock, sleep, chance }, settings);
  const own = workerOver({ clock, sleep, chance, log });
  const run = runnerOf({
    ...{ time, ...queues, messages: messageStore(storage), shards: settings.shards },
    worker: worker
      ? worker(own(storage, { ...settings, queue, vault, metrics: noMetrics }))
      : handlers.worker(),
    deadLetter: handlers.deadLetter(),
    dispatcher: handlers.dispatcher(),
    onError: (error) => log.failure("invocation failed", error),
  });
  const fetch = fetchOf(handlers.api());
  const addSender = senderMaker({ storage, vault, clock, fetch });
  return { run, addSender, fetch, failures, receiver: network.receiver };
};

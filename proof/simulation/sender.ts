import type { Action } from "../../domain/actions.ts";
import { type JobAction, type JobAsked, newJob } from "../../domain/job.ts";
import type { Message, MessageKey } from "../../domain/message.ts";
import { Problem } from "../../domain/problem.ts";
import { dueShardOf } from "../../handlers/jobs/steer-job.ts";
import { cancelMessage } from "../../handlers/steer/cancel.ts";
import { eraseMessage } from "../../handlers/steer/erase.ts";
import { recorded } from "../../handlers/steer/recorded.ts";
import { type ReplayDeps, replayMessage } from "../../handlers/steer/replay.ts";
import { sendNow } from "../../handlers/steer/send-now.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Submit } from "./plans.ts";
import type { Stores } from "./process.ts";
import type { Wishes } from "./rules.ts";
import type { World } from "./world.ts";

const repeatsMax = 4;
/** How many attempts a replay gets. */
const replayAttempts = 2;
/** How far the clock of the service may be ahead of a sender's. */
const clockAheadMsMax = 5000;

/** What one sees of a submit: its status, or that nothing came back. */
export type Heard = { readonly status: number };

type Deps = {
  readonly world: World;
  readonly chronicle: Chronicle;
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Hands a request to the service. `finish` is called unless the process dies. */
  readonly serve: (json: string, finish: (heard: Heard) => void) => void;
};

/** Submits, and repeats for as long as it makes sense: until it is accepted, or refused. */
export const submitting =
  (
    deps: Deps,
    key: MessageKey,
    plan: Pick<Wishes, "deliverAt" | "giveUpAt">,
    { json, content }: Submit,
  ) =>
  async (): Promise<void> => {
    const { world, chronicle, serve, sleep } = deps;
    for (let repeat = 0; repeat <= repeatsMax; repeat += 1) {
      chronicle.observe({ kind: "asked", key, content, deliverAt: plan.deliverAt });
      const heard = await world.ask<Heard>({
        port: "request",
        name: "POST /v1/messages",
        about: key.messageId,
        perform: (finish) => serve(json, finish),
        lost: () => ({ answer: { status: 0 } }),
      });
      const { status } = heard;
      chronicle.note("sender", `hears ${status || "nothing"} of ${key.messageId}`);
      if (status > 0) {
        chronicle.count(`answered ${status}`);
        chronicle.observe({ kind: "told", key, content, status });
      }
      // The time until which it was to be tried is over, and nobody has it yet.
      const isTooLate =
        status === 400 && deps.clock() + clockAheadMsMax > (plan.giveUpAt ?? Infinity);
      if (![0, 200, 202, 409, 503].includes(status) && !isTooLate)
        chronicle.violate({ invariant: "answered", what: `a submit was answered ${status}` });
      if (status > 0 && status < 500) return;
      await sleep(repeat * 1500);
    }
  };

/** What a person does to a message by the product's own functions, as the API does. */
type Steering = Pick<ReplayDeps, "queue" | "log" | "chance" | "graceMs"> &
  Deps & { readonly stores: Stores };

/**
 * Does something to a message as it is now. A lost connection is no answer: whoever asks asks again,
 * until it is done or is refused because of the state.
 */
const steering = async (
  deps: Steering,
  key: MessageKey,
  action: Action,
  act: (deps: ReplayDeps, message: Message) => Promise<Message>,
): Promise<void> => {
  const { clock, chronicle, stores } = deps;
  const { payloads, attempts, actions } = stores;
  const messages = stores.messages.observedBy(({ verb }) => chronicle.count(`verb ${verb}`));
  for (let repeat = 0; repeat < repeatsMax; repeat += 1) {
    try {
      const message = await messages.get(key, clock());
      if (!message) return;
      const all = { ...deps, messages, payloads, attempts, actions };
      await recorded(all, message, { action, by: { keyId: "person" } }, () => act(all, message));
      return chronicle.count(`action ${action}`);
    } catch (error) {
      if (error instanceof Problem && error.code !== "SYSTEM_ERROR") {
        chronicle.count(`action ${action} ${error.code}`);
        return;
      }
    }
  }
};

/** The target of all messages that senders submit, and of nothing that is damaged. */
const target = { kind: "host", hostname: "hooks.example.com" } as const;

/** A job that a person makes: over all messages, however many attempts each replay gets. */
const jobAsked = (action: JobAction): JobAsked => ({
  ...{ action, filter: { target }, ratePerSecond: 100 },
  ...(action === "replay" && { attempts: replayAttempts }),
});

/**
 * Makes a job as the API does: one plan is one job, so whoever hears nothing asks again with the
 * same plan.
 */
export const makingJob =
  (deps: Steering & { readonly shards: number }, senderId: string, action: JobAction) =>
  async (): Promise<void> => {
    const { clock, chronicle, chance, shards, stores } = deps;
    const before = clock();
    const key = { senderId, jobId: `job-${before}` };
    const asked = jobAsked(action);
    const plan = { count: 0, isExact: false, writeUnits: 0 };
    for (let repeat = 0; repeat < repeatsMax; repeat += 1) {
      try {
        await stores.jobs.create(
          newJob(asked, {
            ...{ ...key, before, plan, now: clock(), by: { keyId: "person" } },
            ...{ dueShard: dueShardOf(key, shards), writeId: chance.token() },
          }),
        );
        return chronicle.count(`job ${action}`);
      } catch {
        // A lost connection is no answer.
      }
    }
  };

export const cancelling = (deps: Steering, key: MessageKey) => (): Promise<void> =>
  steering(deps, key, "cancel", cancelMessage);

export const erasing = (deps: Steering, key: MessageKey) => (): Promise<void> =>
  steering(deps, key, "erase", eraseMessage);

export const sendingNow = (deps: Steering, key: MessageKey) => (): Promise<void> =>
  steering(deps, key, "send-now", sendNow);

export const replaying = (deps: Steering, key: MessageKey) => (): Promise<void> =>
  steering(deps, key, "replay", (all, message) =>
    replayMessage(all, message, { attempts: replayAttempts }),
  );

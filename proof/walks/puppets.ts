import type { SQSEvent } from "aws-lambda";
import { failureFields } from "../../adapters/failure.ts";
import type { Post } from "../../adapters/http.ts";
import { noMetrics } from "../../adapters/metrics.ts";
import { masterKeyVault } from "../../adapters/vault.ts";
import type { Action } from "../../domain/actions.ts";
import type { Exchange } from "../../domain/outcome.ts";
import { Problem } from "../../domain/problem.ts";
import type { HandlerSettings } from "../../handlers/compose.ts";
import { cancelMessage } from "../../handlers/steer/cancel.ts";
import { eraseMessage } from "../../handlers/steer/erase.ts";
import { recorded } from "../../handlers/steer/recorded.ts";
import { replayMessage } from "../../handlers/steer/replay.ts";
import { sendNow } from "../../handlers/steer/send-now.ts";
import type { Config, Role } from "../model/config.ts";
import { clockMarginMs, graceMs, leaseMs, nearWaitMs, now, searchedAt } from "../model/moments.ts";
import { key } from "../model/state.ts";
import { type Actor, asActor, currentActor } from "../simulation/actor.ts";
import { inMemory } from "../simulation/backing.ts";
import { triesMax } from "../simulation/clients.ts";
import { type Fields, messageOf } from "../simulation/items.ts";
import { enter, type Outside } from "../simulation/outside.ts";
import { rememberingVault } from "../simulation/remembered.ts";
import { apiKey, seedItems } from "../simulation/seeding.ts";
import { masterKey } from "../simulation/service.ts";
import type { Ask } from "../simulation/world.ts";

/** An ask that waits, and how its asker hears of it. */
type Waiting = { readonly ask: Ask<unknown>; readonly resolve: (answer: unknown) => void };

/** The real handlers at one piece of work, which goes on only as far as it is told. */
type Puppet = {
  readonly actor: Actor;
  readonly asks: Waiting[];
  /** The effect that it waits for, which has not been made yet. */
  effect?: Waiting;
  /** What it is to hear when it goes on. */
  hear?: () => void;
  /** How often its client has repeated what it asks. */
  repeats: number;
  hasEnded: boolean;
  error?: unknown;
  /** The record that it was given, and what it answered about it. */
  readonly receives?: number;
  isReturned?: boolean;
};

export type Effect = "write" | "send" | "request";

const messageSortKey = "$history#message_1";
const attemptMs = 600_000;
/** Nearly as long as a sender may ask for: nothing is given up for want of time. */
const patienceMs = 13 * 86_400_000;
const turnsMax = 2000;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const drained = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/** Which effect of the model an ask is; none: it reads, or writes what the model does not have. */
const effectOf = ({ port, name, sk }: Ask<unknown>): Effect | undefined => {
  if (port === "queue") return "send";
  if (port === "post") return "request";
  const isWrite = /^(PutItem|UpdateItem)/.test(name) && sk === messageSortKey;
  return port === "table" && isWrite ? "write" : undefined;
};
const isLook = ({ ask: { name, sk } }: Waiting): boolean =>
  name === "GetItem message" && sk === messageSortKey;

const settings: HandlerSettings = {
  ...{ leaseMs, clockMarginMs, graceMs, timeoutMs: 15_000, scheduleMs: [nearWaitMs] },
  ...{ retentionDays: 4, shards: 1, listAll: true, countOutcomes: true },
  ...{ allowTargets: [], allowHttp: "never" },
};

const vault = rememberingVault(masterKeyVault([masterKey]));
const targetUrl = "https://hooks.example.com/orders";

/**
 * The real handlers and stores over items in memory, with as many at work as a walk says. Whatever
 * they ask of the outside waits. All of them have one clock: that of the model.
 */
export const puppetsOf = async (config: Config) => {
  // They are written over a table of their own, so before this one is entered.
  const items = await seedItems();
  const table = inMemory.openTable(
    () => {},
    () => now,
  );
  const records = new Map<number, number>();
  const requests: number[] = [];
  const told: number[] = [];
  const errors: string[] = [];
  const puppets = new Map<number, Puppet>();
  const byActor = new Map<Actor, Puppet>();
  let begun = 0;
  let answer: Exchange = { kind: "answered", status: 200, durationMs: 5, text: "answer" };
  let deliverAt: number | undefined;

  const addRecord = (attempt: number, by: number): void => {
    records.set(attempt, (records.get(attempt) ?? 0) + by);
  };
  const ask = <Answer>(asked: Ask<Answer>): Promise<Answer> => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    // Those that are dead ask nothing any more, and are never answered.
    byActor.get(currentActor())?.asks.push({ ask: asked as Ask<unknown>, resolve });
    return promise as Promise<Answer>;
  };
  const send = ({ MessageBody }: { readonly MessageBody: string }): object => {
    addRecord((JSON.parse(MessageBody) as { attempt: number }).attempt, 1);
    return { MessageId: "record" };
  };
  const outside: Outside = {
    world: { ask, happens: () => false },
    tape: { choose: () => 0, pick: ([first]) => first as never },
    queue: {
      call: (operation, input) => {
        const { Entries = [] } = input as {
          Entries?: readonly { Id: string; MessageBody: string }[];
        };
        const body =
          operation === "SendMessage"
            ? send(input as { MessageBody: string })
            : {
                Successful: Entries.map((entry) => ({ Id: entry.Id, ...send(entry) })),
                Failed: [],
              };
        return { status: 200, body };
      },
    },
    pageMax: Number.POSITIVE_INFINITY,
  };
  for (const item of items) table.store(item);
  enter(outside);

  const post: Post = ({ headers }) =>
    ask<Exchange>({
      port: "post",
      name: "request",
      about: "",
      perform: (finish) => {
        requests.push(Number(headers["postrider-attempt"]));
        finish(answer);
      },
      lost: () => ({ answer }),
    });
  const log = {
    line: () => {},
    failure: (what: string, error: unknown) => {
      errors.push(`${what}: ${JSON.stringify(failureFields(error))}`);
    },
  };
  const clock = () => now;
  const sleep = (ms: number): Promise<void> =>
    ask<void>({
      ...{ port: "sleep", name: "sleep", about: `${ms} ms` },
      perform: (finish) => finish(undefined),
      lost: () => ({ answer: undefined }),
    });
  const chance = { random: () => 0.5, token: () => currentActor().name };
  const context = { getRemainingTimeInMillis: () => attemptMs };
  // All are at work in one process, whose memory no crash takes: that is for the schedules by handlers.
  const handlers = inMemory.make(
    { post, vault, log, metrics: noMetrics, clock, sleep, chance },
    settings,
  );
  const [api, worker, dispatcher] = [handlers.api(), handlers.worker(), handlers.dispatcher()];

  const submit = async (): Promise<void> => {
    const body = JSON.stringify({
      ...key,
      timestamp: "2026-03-01T12:00:00.000Z",
      targetUrl,
      body: { order: 7 },
      giveUpAt: new Date(searchedAt + patienceMs).toISOString(),
      retry: { maxAttempts: config.attempts },
      ...(deliverAt !== undefined && { deliverAt: new Date(deliverAt).toISOString() }),
    });
    const response = await api.request("/v1/messages", {
      method: "POST",
      headers: {
        ...{ authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
        "content-length": String(Buffer.byteLength(body)),
      },
      body,
    });
    const text = await response.text();
    told.push(response.status);
    if (response.status === 400) throw new Error(`The submit was refused: ${text}`);
  };
  const work = async (attempt: number): Promise<boolean> => {
    const body = JSON.stringify({ v: 1, ...key, attempt });
    const event = {
      Records: [{ messageId: "record", body, attributes: {} }],
    } as unknown as SQSEvent;
    const { batchItemFailures } = await worker(event, context);
    return batchItemFailures.length > 0;
  };
  const steered = async (action: Action): Promise<void> => {
    const { stores, queue } = inMemory;
    const deps = { ...stores, queue, log, clock, chance, graceMs };
    const message = await stores.messages.get(key, now);
    if (!message) return;
    const act = {
      replay: () => replayMessage(deps, message, { attempts: config.attempts }),
      "send-now": () => sendNow(deps, message),
      erase: () => eraseMessage(deps, message),
      cancel: () => cancelMessage(deps, message),
    }[action];
    try {
      await recorded(deps, message, { action, by: { keyId: "person" } }, act);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  };
  const workOf = (role: Role, receives?: number): Promise<unknown> => {
    if (role === "ingestion") return submit();
    if (role === "worker") return work(receives ?? 0);
    if (role === "dispatcher") return dispatcher({ shards: [0] }, context);
    const action = {
      operator: "replay",
      sender: "send-now",
      eraser: "erase",
      "job run": "cancel",
    } as const;
    return steered(action[role]);
  };

  const begin = (name: string, role: Role, receives?: number): Puppet => {
    begun += 1;
    const actor = {
      name: `${name.replace(" ", "-")}/${begun}`,
      role: "worker",
    } as unknown as Actor;
    const puppet: Puppet = {
      ...{ actor, asks: [], repeats: 0, hasEnded: false },
      ...(receives !== undefined && { receives }),
    };
    byActor.set(actor, puppet);
    asActor(actor, () => {
      void workOf(role, receives).then(
        (isReturned) => {
          puppet.hasEnded = true;
          puppet.isReturned = isReturned === true;
        },
        (error: unknown) => {
          puppet.hasEnded = true;
          puppet.error = error;
        },
      );
    });
    return puppet;
  };

  /** Resolves once it asks for something, or has ended. */
  const quiet = async (puppet: Puppet): Promise<void> => {
    for (let turns = 0; turns < turnsMax; turns += 1) {
      await drained();
      if (puppet.asks.length > 0 || puppet.hasEnded) return;
      await turn();
    }
    throw new Error(`${puppet.actor.name} does not come to rest`);
  };
  const perform = ({ actor }: Puppet, { ask }: Waiting): unknown => {
    let given: unknown;
    asActor(actor, () =>
      ask.perform((value) => {
        given = value;
      }),
    );
    return given;
  };
  /** Lets it go on, through all that the model does not have, to its next effect or its end. */
  const goOn = async (
    puppet: Puppet,
    isStop: (one: Waiting) => boolean = () => false,
  ): Promise<void> => {
    puppet.hear?.();
    delete puppet.hear;
    for (;;) {
      await quiet(puppet);
      const one = puppet.asks.shift();
      if (!one) return;
      if (effectOf(one.ask)) {
        puppet.effect = one;
        return;
      }
      const given = perform(puppet, one);
      if (isStop(one)) {
        puppet.hear = () => one.resolve(given);
        return;
      }
      one.resolve(given);
    }
  };
  const effectFor = async (puppet: Puppet): Promise<Waiting | undefined> => {
    if (!puppet.effect) await goOn(puppet);
    const { effect } = puppet;
    delete puppet.effect;
    return effect;
  };
  const failedAnswer = ({ ask }: Waiting): unknown => {
    if (!ask.failed) throw new Error(`${ask.name} does not fail`);
    return ask.failed();
  };

  return {
    records: (): ReadonlyMap<number, number> => records,
    requests: (): readonly number[] => requests,
    told: (): readonly number[] => told,
    errors: (): readonly string[] => errors,
    message: () =>
      table
        .items()
        .map((item: Fields) => messageOf(item))
        .find((each) => each !== undefined),
    addRecord,
    setDeliverAt: (time: number | undefined): void => {
      deliverAt = time;
    },
    /** Whose piece of work a token is, if that goes on. */
    indexOf: (token: string | undefined): number => {
      for (const [index, { actor }] of puppets) if (actor.name === token) return index;
      return -1;
    },
    isAtWork: (index: number): boolean => puppets.has(index),
    begin: (index: number, name: string, role: Role, receives?: number): void => {
      if (receives !== undefined) addRecord(receives, -1);
      puppets.set(index, begin(name, role, receives));
    },
    /** Lets somebody look: a person reads the message, the dispatcher its page. */
    look: async (index: number): Promise<void> => {
      const puppet = puppets.get(index);
      if (puppet) await goOn(puppet, isLook);
    },
    /** Makes the next effect. Resolves to which it was; to nothing if there is none. */
    make: async (
      index: number,
      fate: "answered" | "lost-after" | "crash-after" | "failed-before" | "failed-after",
      status?: number,
    ): Promise<Effect | undefined> => {
      const puppet = puppets.get(index);
      const effect = puppet && (await effectFor(puppet));
      if (!puppet || !effect) return undefined;
      const kind = effectOf(effect.ask);
      if (status !== undefined)
        answer =
          status === 0
            ? { kind: "no-answer", class: "reset", durationMs: 5 }
            : { kind: "answered", status, durationMs: 5, text: "answer" };
      if (fate === "failed-before" || fate === "failed-after") {
        if (fate === "failed-after") perform(puppet, effect);
        let one: Waiting = effect;
        // As often as its client repeats it.
        for (let { repeats } = puppet; repeats < triesMax - 1; repeats += 1) {
          const failing = one;
          puppet.hear = () => failing.resolve(failedAnswer(failing));
          const next = await effectFor(puppet);
          if (!next) return undefined;
          one = next;
        }
        const last = one;
        puppet.hear = () => last.resolve(failedAnswer(last));
        puppet.repeats = 0;
        return kind;
      }
      const given = perform(puppet, effect);
      puppet.repeats = fate === "lost-after" ? puppet.repeats + 1 : 0;
      if (fate === "answered") puppet.hear = () => effect.resolve(given);
      if (fate === "lost-after") {
        const seen = effect.ask.lost();
        puppet.hear = () => effect.resolve("answer" in seen ? seen.answer : undefined);
        // The client has what it asks again: it is not made anew.
        await goOn(puppet);
        if (!puppet.effect) return undefined;
      }
      return kind;
    },
    /** Ends a piece of work as a crash does. */
    crash: (index: number): void => {
      const puppet = puppets.get(index);
      if (!puppet) return;
      puppets.delete(index);
      byActor.delete(puppet.actor);
      if (puppet.receives !== undefined) addRecord(puppet.receives, 1);
    },
    /** Lets a piece of work go on to its end. Says what it would do yet, if it has not come to it. */
    end: async (index: number): Promise<string | undefined> => {
      const puppet = puppets.get(index);
      if (!puppet) return undefined;
      if (!puppet.effect) await goOn(puppet);
      if (puppet.effect) return `${puppet.effect.ask.name} ${puppet.effect.ask.about}`;
      if (puppet.error !== undefined) return String(puppet.error);
      puppets.delete(index);
      byActor.delete(puppet.actor);
      if (puppet.receives !== undefined && puppet.isReturned) addRecord(puppet.receives, 1);
      return undefined;
    },
    /** Does all of a piece of work at once. */
    run: async (name: string, role: Role): Promise<void> => {
      const puppet = begin(name, role);
      for (;;) {
        const effect = await effectFor(puppet);
        if (!effect) break;
        effect.resolve(perform(puppet, effect));
      }
      byActor.delete(puppet.actor);
      if (puppet.error !== undefined) throw puppet.error;
    },
  };
};
export type Puppets = Awaited<ReturnType<typeof puppetsOf>>;

import type { Message as SqsMessage } from "@aws-sdk/client-sqs";
import type { SQSEvent } from "aws-lambda";
import { failureFields } from "../../adapters/failure.ts";
import type { Post } from "../../adapters/http.ts";
import type { Log } from "../../adapters/log.ts";
import { noMetrics } from "../../adapters/metrics.ts";
import { masterKeyVault } from "../../adapters/vault.ts";
import type { MessageKey } from "../../domain/message.ts";
import { eventOf, handledOf } from "../../local/sqs-event.ts";
import { outboxOver } from "../../outbox/outbox.ts";
import { type Actor, currentActor } from "./actor.ts";
import type { Backing } from "./backing.ts";
import type { Chronicle } from "./chronicle.ts";
import { leftOverWatch } from "./left-over.ts";
import { type OrderWatch, ordering, shop } from "./order.ts";
import { queueUrl } from "./outside.ts";
import type { Submit } from "./plans.ts";
import type { Handlers } from "./process.ts";
import type { MemoryQueue } from "./queue.ts";
import { rememberingVault } from "./remembered.ts";
import type { Wishes } from "./rules.ts";
import type { Heard } from "./sender.ts";
import type { Swarm } from "./swarm.ts";
import type { Table } from "./table.ts";
import type { Tape } from "./tape.ts";
import type { Timers } from "./timers.ts";
import type { World } from "./world.ts";

/** The settings of a run, as a service gives them to its outbox. */
const outboxSettings = ({ graceMs, scheduleMs, shards }: Swarm) => ({
  POSTRIDER_GRACE_MS: String(graceMs),
  POSTRIDER_RETRY_SCHEDULE: scheduleMs.map((ms) => `${ms / 1000}s`).join(","),
  POSTRIDER_RETENTION_DAYS: String(retentionDays),
  POSTRIDER_SHARDS: String(shards),
});
const retentionDays = 4;

export const masterKey = Buffer.alloc(32, "master key of the simulation");

type Kind = "api" | "worker" | "dispatcher";
type Process = {
  readonly kind: Kind;
  readonly skewMs: number;
  readonly clock: () => number;
  readonly handlers: Handlers;
  readonly made: Map<string, unknown>;
  /** Whoever works in it, and dies with it. */
  readonly actors: Set<Actor>;
};

export type ServiceDeps = {
  readonly world: World;
  readonly tape: Tape;
  readonly timers: Timers;
  readonly chronicle: Chronicle;
  readonly table: Table;
  readonly queue: MemoryQueue;
  readonly swarm: Swarm;
  readonly post: Post;
  readonly backing: Backing;
  readonly orders: OrderWatch;
  readonly apiKey: string;
  readonly sleep: (ms: number) => Promise<void>;
  readonly onLine: (line: object) => void;
  readonly onBatch: (worker: string, event: SQSEvent) => void;
};

const vault = rememberingVault(masterKeyVault([masterKey]));

/**
 * The service as it runs: a worker or a dispatcher handles one event at a time, as on Lambda; the API
 * many, as it does on one machine. A process keeps what it remembers until it dies, which it does
 * as a whole, at the latest when the time of an event is up.
 */
export const serviceOf = (deps: ServiceDeps) => {
  const {
    world,
    tape,
    timers,
    chronicle,
    queue,
    swarm,
    post,
    backing,
    orders,
    apiKey,
    onLine,
    onBatch,
  } = deps;
  const processes: Process[] = [];
  const ordinals = new Map<string, number>();
  let tokens = 0;

  const nameOf = (kind: string): string => {
    const ordinal = (ordinals.get(kind) ?? 0) + 1;
    ordinals.set(kind, ordinal);
    return `${kind}-${ordinal}`;
  };
  const log: Log = {
    line: (line) => onLine(line),
    failure: (what, error, fields = {}) => {
      onLine({ what, ...fields, ...failureFields(error) });
      if (chronicle.faults() === 0)
        chronicle.violate({ invariant: "unprovoked", what: `${what}: ${(error as Error)?.stack}` });
    },
  };
  const chance = {
    random: () => tape.choose(1000) / 1000,
    token: () => {
      tokens += 1;
      return `token-${String(tokens).padStart(6, "0")}`;
    },
  };
  const startProcess = (kind: Kind): Process => {
    const skewMs = swarm.skewMs === 0 ? 0 : tape.choose(swarm.skewMs + 1);
    const clock = () => timers.now() + skewMs;
    const handlers = backing.make(
      { post, vault, log, metrics: noMetrics, clock, sleep: deps.sleep, chance },
      {
        leaseMs: swarm.leaseMs,
        clockMarginMs: swarm.clockMarginMs,
        graceMs: swarm.graceMs,
        timeoutMs: swarm.timeoutMs,
        scheduleMs: swarm.scheduleMs,
        retentionDays,
        ...{ shards: swarm.shards, listAll: true, countOutcomes: true },
        ...{ allowTargets: [], allowHttp: "never" },
      },
    );
    const started: Process = { kind, skewMs, clock, handlers, made: new Map(), actors: new Set() };
    processes.push(started);
    return started;
  };
  const idle = (kind: Kind): Process =>
    processes.find((each) => each.kind === kind && (kind === "api" || each.actors.size === 0)) ??
    startProcess(kind);
  const handlerOf = <Handler>(process: Process, name: string, make: () => Handler): Handler => {
    const handler = (process.made.get(name) as Handler | undefined) ?? make();
    process.made.set(name, handler);
    return handler;
  };

  /** Runs one event in a process; it dies with its invocation, and after the time that it has. */
  const invoke = (
    kind: Kind,
    role: Actor["role"],
    work: (process: Process, remaining: () => number) => Promise<void>,
    onCrash: () => void = () => {},
  ): void => {
    const process = idle(kind);
    const endsAt = timers.now() + swarm.functionTimeoutMs;
    const actor = world.spawn(
      {
        name: nameOf(kind),
        role,
        skewMs: process.skewMs,
        onCrash: () => {
          if (processes.includes(process)) processes.splice(processes.indexOf(process), 1);
          onCrash();
          for (const other of process.actors) world.crash(other);
        },
      },
      async () => {
        await work(process, () => Math.max(0, endsAt - timers.now()));
        process.actors.delete(actor);
      },
    );
    process.actors.add(actor);
    actor.endsAt = endsAt;
    timers.at(endsAt, () => {
      if (actor.isAlive && !actor.hasEnded) {
        // Nobody is on time who was asleep; whatever else befalls it, it has to look at the clock.
        if (!actor.wasFrozen && kind !== "api")
          chronicle.violate({
            invariant: "on-time",
            what: `${actor.name} still works when its ${swarm.functionTimeoutMs / 1000} s are over`,
          });
        chronicle.fault("crash-before", "by the end of its time");
        world.crash(actor);
      }
    });
  };

  return {
    /** What the functions of the product need that a person calls through the API. */
    steering: { log, chance },

    serve: (json: string, finish: (heard: Heard) => void): void =>
      invoke(
        "api",
        "ingestion",
        async (process) => {
          const api = handlerOf(process, "api", process.handlers.api);
          const answer = await api.request("/v1/messages", {
            method: "POST",
            headers: {
              authorization: `Bearer ${apiKey}`,
              "content-type": "application/json",
              "content-length": String(Buffer.byteLength(json)),
            },
            body: json,
          });
          await answer.text();
          if (answer.status >= 500 && chronicle.faults() === 0)
            chronicle.violate({ invariant: "unprovoked", what: `answered ${answer.status}` });
          finish({ status: answer.status });
        },
        () => finish({ status: 0 }),
      ),

    /** Stores a message beside an order, in a process of a service that has the outbox. */
    order: (key: MessageKey, plan: Pick<Wishes, "deliverAt">, submit: Submit): void => {
      const who = { name: nameOf(shop.slice(0, -1)), role: "ingestion", skewMs: 0 } as const;
      const { storage, sqs } = backing;
      const outbox = outboxOver({ clock: timers.now, chance })(storage, {
        queue: { client: sqs, url: queueUrl },
        masterKeys: masterKey.toString("base64"),
        settings: outboxSettings(swarm),
      });
      const ordered = { chronicle, orders, outbox, client: storage.client };
      world.spawn({ ...who, onCrash: () => {} }, ordering(ordered, key, plan, submit));
    },

    canWork: (): boolean =>
      processes.filter(({ kind, actors }) => kind === "worker" && actors.size > 0).length <
      swarm.workers,

    /** Hands records to a worker, and deletes those that it has handled, as Lambda does. */
    work: (records: readonly SqsMessage[]): void => {
      const event = eventOf(records, queueUrl, "local");
      invoke("worker", "worker", async (process, remaining) => {
        const work = handlerOf(process, "worker", process.handlers.worker);
        onBatch(currentActor().name, event);
        const answer = await work(event, { getRemainingTimeInMillis: remaining });
        for (const { messageId } of handledOf(event, answer))
          if (!world.happens("record-not-deleted", "delete")) queue.delete(messageId);
      });
    },

    bury: (records: readonly SqsMessage[]): void =>
      invoke("worker", "worker", async (process) => {
        const bury = handlerOf(process, "dead-letter", process.handlers.deadLetter);
        await bury(eventOf(records, queueUrl, "local"));
      }),

    /** Runs the dispatcher as a schedule does, for some of the shards. */
    dispatch: (shards: readonly number[]): void =>
      invoke("dispatcher", "dispatcher", async (process, remaining) => {
        const dispatch = handlerOf(process, "dispatcher", process.handlers.dispatcher);
        const ended = leftOverWatch({ chronicle, table: deps.table, now: timers.now }, shards);
        try {
          await dispatch({ shards }, { getRemainingTimeInMillis: remaining });
        } catch (error) {
          log.failure("the dispatcher failed", error);
        }
        ended();
      }),
  };
};
export type Service = ReturnType<typeof serviceOf>;

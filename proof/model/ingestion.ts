import type { Message } from "../../domain/message.ts";
import { dueFor } from "../../domain/schedule.ts";
import type { Config } from "./config.ts";
import { farWaitMs, giveUpAt, graceMs, nearWaitMs, now, ttl } from "./moments.ts";
import { type Step, stepsOf } from "./operation.ts";
import { putOnQueue, toSend } from "./put-on-queue.ts";
import { content, key, type State } from "./state.ts";
import type { Effects, World } from "./world.ts";

const waitsMs = { now: 0, near: nearWaitMs, far: farWaitMs } as const;

/** The message as it is first stored, less what nothing here reads. */
const newMessage = ({ attempts, deliver }: Config, submitId: string): Message =>
  ({
    ...key,
    status: "PENDING",
    attempts: 0,
    attemptsAllowed: attempts,
    attemptsBefore: 0,
    replays: 0,
    ...dueFor(now + waitsMs[deliver], now, graceMs),
    ...(deliver !== "now" && { deliverAt: now + waitsMs[deliver] }),
    dueShard: "0",
    submitId,
    headers: {},
    giveUpAt,
    ttl,
  }) as Message;

/** The commit is enough: whoever made it need not dispatch the message. */
const notDispatched = ({ names, become }: Effects, index: number): Step => ({
  kind: "choice",
  who: names[index] ?? "",
  does: "does not dispatch the message",
  run: (world) => become(world, index, { at: "done" }),
});

/**
 * As `handlers/api/submit.ts` has it: put, send, mark; a repeat finishes what the first began. As
 * `outbox/` has it, the put is part of a transaction, which is the acknowledgement.
 */
export const ingestionSteps = (
  config: Config,
  effects: Effects,
  state: State,
  index: number,
): readonly Step[] => {
  const { names, observe, write, told, become } = effects;
  const who = names[index] ?? "";
  const isOutbox = config.outbox === true && index === 0;
  const finish = (world: World, isPromised: boolean): void => {
    // Nobody is told anything after the commit.
    if (!isOutbox) told(world, isPromised ? 202 : 503);
    become(world, index, { at: "done" });
  };
  const at = state.actors[index]?.at;

  // A repeat follows a submit that has begun: which of two is the first makes no difference.
  if (at === "idle" && index > 0 && state.actors[index - 1]?.at === "idle") return [];
  if (at !== "idle" && at !== "put")
    return [
      ...putOnQueue(effects, state, index, finish),
      ...(isOutbox && at === "send" ? [notDispatched(effects, index)] : []),
    ];

  const commit = (world: World): void => {
    write(world, who, "ingestion", newMessage(config, who));
    if (isOutbox) told(world, 202);
  };
  const isUnconditional = config.without === "submit.from";
  const putting = stepsOf<Message>(
    effects,
    {
      actor: index,
      does: isOutbox
        ? "commits its own data and the message, unless that is there"
        : "puts the message into the table, unless it is there",
      effect: (world) => {
        if (!world.message || (isUnconditional && world.message.submitId !== who)) commit(world);
        return world.message ?? newMessage(config, who);
      },
      // A transaction that is cancelled leaves it to whoever was first. Otherwise, its own or another's: it sees to it that the record is sent.
      next: (world, message) => {
        const isCancelled = isOutbox && message.submitId !== who;
        const next = isCancelled ? undefined : toSend(message, config.mistake);
        if (next) become(world, index, next);
        else finish(world, true);
      },
      isRepeated: true,
    },
    state.faults > 0,
  );
  if (at === "put") return putting;
  return putting.map((step) => ({
    ...step,
    kind: step.kind === "work" ? "choice" : step.kind,
    run: (world) => {
      observe(world, { kind: "asked", key, at: now, content });
      become(world, index, { at: "put" });
      step.run(world);
    },
  }));
};

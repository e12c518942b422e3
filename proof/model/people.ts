import { isTerminal } from "../../domain/message.ts";
import { replayOf } from "../../domain/replay.ts";
import { dueFor } from "../../domain/schedule.ts";
import type { Config } from "./config.ts";
import { giveUpAt, graceMs, now, ttl } from "./moments.ts";
import { type Step, stepsOf } from "./operation.ts";
import { putOnQueue, toSend } from "./put-on-queue.ts";
import { type Actor, idle, type State } from "./state.ts";
import type { Effects } from "./world.ts";

const sender = { by: "sender", role: "sender" } as const;

/** A sender cancels: what waits at once, and what is in flight as soon as it may be. */
export const cancelSteps = ({ change }: Effects, state: State): readonly Step[] => {
  if (state.cancels === 0 || !state.message) return [];
  return [
    {
      kind: "choice",
      who: "sender",
      does: "cancels the message",
      run: (world) => {
        world.cancels -= 1;
        if (change(world, sender, "cancel", { now }).kind === "done") return;
        change(world, sender, "requestCancel", { now, set: { cancelRequestedAt: now } });
      },
      made: { person: "cancel" },
    },
  ];
};

/** Somebody looks at the message, and keeps as much of it as the write after that asks for. */
export const look = (
  { names, become }: Effects,
  index: number,
  why: string,
  seen: Partial<Actor>,
): readonly Step[] => [
  {
    kind: "choice",
    who: names[index] ?? "",
    does: `looks at the message, ${why}`,
    run: (world) => become(world, index, seen),
    made: { actor: index, fate: "looks" },
  },
];

/** Somebody looks at a message that has ended, and later replays it as it was then; send and mark follow. */
export const replaySteps = (
  config: Config,
  effects: Effects,
  state: State,
  index: number,
): readonly Step[] => {
  const { names, change, become } = effects;
  const actor = state.actors[index] ?? idle;
  const who = names[index] ?? "";
  const { message } = state;
  if (actor.at === "idle") {
    const isBlind = config.mistake === "blind-replay";
    if (!message || (!isBlind && !isTerminal(message.status))) return [];
    if (message.erasedAt !== undefined) return [];
    const { attempts, replays } = message;
    return look(effects, index, "to replay it", { at: "replay", attempts, replays });
  }
  if (actor.at !== "replay")
    return putOnQueue(effects, state, index, (world) => become(world, index, { at: "done" }));
  const { attempts, replays } = actor;
  // A round that is over has no other state until it is replayed: it is as it was seen.
  const set = message && {
    ...replayOf(
      { ...message, attempts },
      { attempts: config.attempts },
      { now, graceMs, owner: who },
    ),
    ...{ dueShard: "0", giveUpAt, ttl },
  };
  return stepsOf(
    effects,
    {
      actor: index,
      kind: "choice",
      does: "replays the message",
      effect: (world) => change(world, sender, "replay", { now, seen: { replays }, set }),
      next: (world, replayed) => {
        const next =
          replayed.kind === "done" ? toSend(replayed.message, config.mistake) : undefined;
        become(world, index, next ?? { at: "done" });
      },
      isRepeated: true,
    },
    state.faults > 0,
  );
};

/** Somebody looks at a message that waits, and later has its next attempt begin at once. */
export const sendNowSteps = (
  _: Config,
  effects: Effects,
  state: State,
  index: number,
): readonly Step[] => {
  const { change, become } = effects;
  const actor = state.actors[index] ?? idle;
  const { message } = state;
  if (actor.at === "idle") {
    const isWaiting = message?.status === "PENDING" || message?.status === "QUEUED";
    const { attempts = 0, notBefore = now } = message ?? {};
    if (!isWaiting || notBefore <= now) return [];
    return look(effects, index, "to send it now", { at: "send-now", attempts, notBefore });
  }
  if (actor.at !== "send-now")
    return putOnQueue(effects, state, index, (world) => become(world, index, { at: "done" }));
  const { attempts, notBefore } = actor;
  const set = dueFor(now, now, graceMs);
  return stepsOf(
    effects,
    {
      actor: index,
      kind: "choice",
      does: "has the next attempt begin at once",
      effect: (world) =>
        change(world, sender, "sendNow", { now, seen: { attempts, notBefore }, set }),
      next: (world, sentNow) => {
        const current = sentNow.kind === "done" ? sentNow.message : sentNow.current;
        // Also where another request was faster, or this one, which the client has repeated.
        const isDue = current !== undefined && (current.notBefore ?? now) <= now;
        const next = isDue ? toSend(current) : undefined;
        become(world, index, next ?? { at: "done" });
      },
      isRepeated: true,
    },
    state.faults > 0,
  );
};

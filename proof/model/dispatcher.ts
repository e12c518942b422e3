import { type Act, decideAct, leaseOverBy } from "../../domain/dispatch.ts";
import type { Message } from "../../domain/message.ts";
import { factsOf } from "../../domain/retry.ts";
import { dueAfterLook, dueAfterSend, dueFor, isNear } from "../../domain/schedule.ts";
import type { Config } from "./config.ts";
import {
  clockMarginMs,
  farWaitMs,
  graceMs,
  isDue,
  leaseUntils,
  nearWaitMs,
  now,
  wrongNow,
} from "./moments.ts";
import { type Operation, type Step, stepsOf } from "./operation.ts";
import type { Piece } from "./piece.ts";
import { putOnQueue } from "./put-on-queue.ts";
import { idle, type Point, type State } from "./state.ts";
import type { Changed, Effects, World } from "./world.ts";

/** As `handlers/dispatcher/` has it: look and decideAct, act, send, mark. */
export const dispatcherSteps = (
  config: Config,
  effects: Effects,
  state: State,
  index: number,
): readonly Step[] => {
  const actor = state.actors[index] ?? idle;
  const piece = { config, effects, state, index, actor, who: effects.names[index] ?? "" };
  switch (actor.at) {
    case "idle":
      return lookSteps(piece);
    case "send":
    case "resend":
      return sendSteps(piece);
    case "mark":
    case "mark-resent":
      return markSteps(piece);
    default:
      return actSteps(piece);
  }
};

/** Where it goes from what it decided; nowhere, if there is nothing to be done. */
const pointOf = ({ kind }: Act, { status }: Message, { mistake }: Config): Point | undefined => {
  if (kind === "nothing") return undefined;
  if (mistake === "no-resend" && kind === "resend") return "postpone";
  if (mistake === "no-release" && kind.startsWith("release")) return "postpone";
  if (mistake === "cancel-first" && kind === "release") return "releaseAsCancelled";
  if (kind === "postpone" && status === "PROCESSING") return "postpone-lease";
  return kind;
};

const lookSteps = ({ config, effects, state, index, who }: Piece): readonly Step[] => {
  const { message, faults } = state;
  const { become, fault } = effects;
  if (!message) return [];
  const look =
    (clock: number, lookedAt = clock) =>
    (world: World) => {
      const facts = factsOf(message, { scheduleMs: [nearWaitMs], now: clock, random: 0.5 });
      const at = pointOf(decideAct(message, facts, clockMarginMs), message, config);
      const { attempts, notBefore, dueAt } = message;
      if (at) become(world, index, { at, attempts, notBefore, dueAt, lookedAt });
    };
  const isListed = message.dueAt !== undefined && isDue(message.dueAt);
  const broken =
    (what: "other", run: (world: World) => void) =>
    (world: World): void => {
      fault(world, what);
      run(world);
    };
  const stale: Step = {
    kind: "fault",
    who,
    does: "finds the message in an index that is stale, and looks at it",
    run: broken("other", look(now)),
  };
  const wrong: Step = {
    kind: "fault",
    who,
    does: "looks at the message while its clock is a day ahead",
    run: broken("other", look(wrongNow(), now)),
  };
  const plain: Step = {
    kind: "work",
    who,
    does: "looks at the message, which is due",
    run: look(now),
    made: { actor: index, fate: "looks" },
  };
  return [
    ...(isListed ? [plain] : []),
    ...(faults > 0 ? [wrong, ...(isListed ? [] : [stale])] : []),
  ];
};

const writerOf = ({ who }: Piece) => ({ by: who, role: "dispatcher" }) as const;

const sendSteps = (piece: Piece): readonly Step[] => {
  const { effects, state, index, actor } = piece;
  const next = actor.at === "send" ? "mark" : "mark-resent";
  // The steps of the others, but that nothing is taken back: what is not sent is not marked.
  const asOthers = { ...state, actors: state.actors.with(index, { ...actor, at: "send" }) };
  return putOnQueue(effects, asOthers, index, () => {}).map((step) => ({
    ...step,
    run: (world) => {
      step.run(world);
      const after = world.actors[index] ?? idle;
      if (after.at === "mark") effects.become(world, index, { ...actor, at: next });
      if (after.at === "rollback") effects.become(world, index, {});
    },
  }));
};

const markSteps = (piece: Piece): readonly Step[] => {
  const { effects, state, index, actor } = piece;
  const { attempts, notBefore = now, dueAt } = actor;
  const marking: Operation = {
    actor: index,
    does: actor.at === "mark" ? "marks the message QUEUED" : "puts off its next look",
    effect: (world) =>
      actor.at === "mark"
        ? effects.change(world, writerOf(piece), "enqueue", {
            now,
            seen: { attempts, notBefore },
            set: { dueAt: dueAfterSend(notBefore, now, graceMs) },
          })
        : effects.change(world, writerOf(piece), "postpone", {
            now,
            seen: { attempts, dueAt },
            set: { dueAt: dueAfterLook({ status: "QUEUED", notBefore }, now, clockMarginMs) },
          }),
    next: (world) => effects.become(world, index, {}),
    isRepeated: true,
  };
  return stepsOf(effects, marking, state.faults > 0);
};

const saysOf = (at: Point): string => {
  if (at.startsWith("postpone")) return "puts off its next look";
  if (at === "release") return "releases the lost attempt, to be tried again";
  return `releases the lost attempt, and the message is ${at === "releaseAsFailed" ? "failed" : "cancelled"}`;
};

const actSteps = (piece: Piece): readonly Step[] => {
  const { config, effects, state, index, actor } = piece;
  const acting = (clock: number, waitMs: number): Operation => ({
    actor: index,
    does: saysOf(actor.at),
    effect: (world) => act(piece, world, clock, waitMs),
    next: (world, changed) => {
      const { status, notBefore, attempts } = changed.kind === "done" ? changed.message : {};
      const isSendable = status === "PENDING" && isNear(notBefore ?? now, clock);
      if (actor.at === "release" && isSendable && attempts !== undefined)
        effects.become(world, index, { at: "send", attempts, notBefore });
      else effects.become(world, index, {});
    },
    isRepeated: true,
  });
  const { lookedAt = now } = actor;
  const mayBreak = state.faults > 0;
  const waits = actor.at === "release" && config.far ? [nearWaitMs, farWaitMs] : [nearWaitMs];
  const wrong = acting(wrongNow(), nearWaitMs);
  const byWrongClock: Step = {
    kind: "fault",
    who: piece.who,
    does: `${saysOf(actor.at)} by a clock that is a day ahead`,
    run: (world) => {
      effects.fault(world, "clock");
      wrong.next(world, wrong.effect(world));
    },
  };
  return [
    ...waits.flatMap((waitMs) => stepsOf(effects, acting(lookedAt, waitMs), mayBreak)),
    ...(mayBreak && actor.at.startsWith("release") ? [byWrongClock] : []),
  ];
};

const act = (piece: Piece, world: World, clock: number, waitMs: number): Changed => {
  const { effects, actor } = piece;
  const { at, attempts, dueAt } = actor;
  const change = (verb: Parameters<Effects["change"]>[2], set: Partial<Message>): Changed =>
    effects.change(world, writerOf(piece), verb, {
      now: clock,
      seen: { attempts, dueAt },
      notAfter: { leaseUntil: leaseOverBy(clock, clockMarginMs) },
      set,
    });
  const lastOutcome = { attempt: attempts, class: "unknown", at: clock };
  if (at === "release")
    return change("release", { ...dueFor(clock + waitMs, clock, graceMs), lastOutcome });
  if (at === "releaseAsFailed")
    return change("releaseAsFailed", {
      ...{ failReason: "attempts-exhausted", failedShard: "shop#0", lastOutcome },
    });
  if (at === "releaseAsCancelled") return change("releaseAsCancelled", { lastOutcome });
  if (at === "postpone") {
    const seen = { status: "QUEUED", notBefore: actor.notBefore } as const;
    return change("postpone", { dueAt: dueAfterLook(seen, clock, clockMarginMs) });
  }
  // The end of the lease as it was when it was looked at, which may have passed by now.
  const { leaseUntil = leaseUntils.live } = world.message ?? {};
  const seen = { status: "PROCESSING", leaseUntil } as const;
  return change("postpone", {
    dueAt: dueAfterLook(seen, Math.min(clock, leaseUntil), clockMarginMs),
  });
};

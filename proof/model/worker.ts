import { allows } from "../../domain/change.ts";
import { startableBy } from "../../domain/dispatch.ts";
import { leaseFrom } from "../../domain/schedule.ts";
import { abandonSteps, requestSteps, settleSteps } from "./attempt.ts";
import type { Config } from "./config.ts";
import { clockMarginMs, leaseMs, now, ripenessOf, wrongNow } from "./moments.ts";
import { type Made, type Operation, type Step, stepsOf } from "./operation.ts";
import { finishing, type Piece } from "./piece.ts";
import { putOnQueue } from "./put-on-queue.ts";
import { idle, type State } from "./state.ts";
import type { Effects } from "./world.ts";

/** As `handlers/worker/` has it: claim, request, settle; after a retry send and mark. */
export const workerSteps = (
  config: Config,
  effects: Effects,
  state: State,
  index: number,
): readonly Step[] => {
  const actor = state.actors[index] ?? idle;
  const piece = { config, effects, state, index, actor, who: effects.names[index] ?? "" };
  switch (actor.at) {
    case "idle":
      return receiveSteps(piece);
    case "claim":
    case "claim-put-off":
      return claimSteps(piece);
    case "request":
      return requestSteps(piece);
    case "settle":
      return settleSteps(piece);
    case "abandon":
      return abandonSteps(piece);
    default:
      return putOnQueue(effects, state, index, finishing(piece));
  }
};

/**
 * Receives a record and claims at once: a record that waits in a hand is like one on the queue.
 * Which of two idle workers receives makes no difference, so it is the first.
 */
const receiveSteps = (piece: Piece): readonly Step[] => {
  const { config, effects, state, index } = piece;
  const { roles, put, become } = effects;
  const isIdle = (at: string, other: number): boolean => roles[other] === "worker" && at === "idle";
  if (state.actors.findIndex(({ at }, other) => isIdle(at, other)) !== index) return [];
  // Where clocks differ a record may come that much early; where they agree, never.
  const { notBefore } = state.message ?? {};
  const isSoon = config.clocksDiffer && notBefore !== undefined && ripenessOf(notBefore) === "soon";
  return state.queue.flatMap((copies, attempt): readonly Step[] =>
    (["ready", "delayed"] as const)
      .filter((kind) => copies[kind] > 0 && (kind === "ready" || isSoon))
      .flatMap((kind) => {
        const received = { ...idle, at: "claim", record: attempt } as const;
        return claimSteps({ ...piece, actor: received }).map((step) => ({
          ...step,
          does: `receives the record of attempt ${attempt} and ${step.does}`,
          run: (world) => {
            put(world, attempt, kind, -1);
            become(world, index, received);
            step.run(world);
          },
          ...(step.made && { made: { ...step.made, receives: attempt } as Made }),
        }));
      }),
  );
};

const claimSteps = (piece: Piece): readonly Step[] => {
  const { effects, state, index, actor, who } = piece;
  const isPutOff = actor.at === "claim-put-off";
  const changeAt = (clock: number) => {
    const { leaseUntil, dueAt } = leaseFrom(clock, { leaseMs, clockMarginMs });
    return {
      now: clock,
      seen: { attempts: actor.record - 1 },
      notAfter: { notBefore: startableBy(clock, clockMarginMs), dueAt },
      set: { owner: who, leaseUntil, dueAt },
    };
  };
  const claiming = (clock: number): Operation => ({
    actor: index,
    does: `claims attempt ${actor.record}${isPutOff ? ", and reschedules its next look" : ""}`,
    effect: (world) =>
      effects.change(
        world,
        { by: who, role: "worker" },
        isPutOff ? "claimAndReschedule" : "claim",
        changeAt(clock),
      ),
    next: (world, claimed) => {
      if (claimed.kind === "lost") {
        const isOnlyPutOff =
          !isPutOff &&
          claimed.current &&
          allows("claimAndReschedule", claimed.current, changeAt(clock));
        if (!isOnlyPutOff) return finishing(piece)(world);
        return effects.become(world, index, { at: "claim-put-off", record: actor.record });
      }
      const { attempts, attemptsAllowed: allowed } = claimed.message;
      effects.become(world, index, { at: "request", record: actor.record, attempts, allowed });
    },
    isRepeated: true,
  });
  const wrong = claiming(wrongNow());
  const byWrongClock: Step = {
    kind: "fault",
    who,
    does: `claims attempt ${actor.record} by a clock that is a day ahead`,
    run: (world) => {
      effects.fault(world, "clock");
      wrong.next(world, wrong.effect(world));
    },
  };
  const mayBreak = state.faults > 0;
  return [...stepsOf(effects, claiming(now), mayBreak), ...(mayBreak ? [byWrongClock] : [])];
};

import type { Outcome } from "../../domain/outcome.ts";
import { decideVerdict, type Verdict } from "../../domain/retry.ts";
import { dueFor } from "../../domain/schedule.ts";
import {
  farWaitMs,
  giveUpAt,
  graceMs,
  isLeaseOver,
  nearWaitMs,
  now,
  ripenessOf,
} from "./moments.ts";
import { type Operation, type Step, stepsOf } from "./operation.ts";
import { finishing, type Piece } from "./piece.ts";
import { toSend } from "./put-on-queue.ts";
import { content, type Heard, key } from "./state.ts";
import type { Changed, World } from "./world.ts";

const answers = [
  { heard: "accepted", status: 200, does: "which accepts" },
  { heard: "retryable", status: 503, does: "which refuses for now" },
  { heard: "final", status: 410, does: "which refuses for good" },
] as const;

const outcomeOf = (heard: Heard): Outcome => {
  if (heard === "accepted") return { kind: "accepted", status: 200 };
  if (heard === "final") return { kind: "final", class: "status", reason: "gone" } as Outcome;
  return { kind: "retryable", class: "status" } as Outcome;
};

export const requestSteps = ({ effects, state, index, actor, who }: Piece): readonly Step[] => {
  const { observe, fault, become, put } = effects;
  const { message, faults, past } = state;
  const { attempts: attempt } = actor;
  const isMine = message?.status === "PROCESSING" && message.attempts === attempt;
  const isLive = isMine && !isLeaseOver(message.leaseUntil ?? 0);
  const exchange = (world: World, status: number): void => {
    observe(world, { kind: "requested", key, at: now, attempt, content, by: who });
    observe(world, { kind: "answered", key, at: now, attempt, status });
  };
  const hear = (world: World, heard: Heard): void =>
    become(world, index, { ...actor, at: "settle", heard });

  const requesting = answers.flatMap(({ heard, status, does }) =>
    stepsOf<void>(
      effects,
      {
        actor: index,
        // A target that refuses for now is what must be expected; the others would be help.
        ...(heard !== "retryable" && { kind: "choice" as const }),
        does: `sends request ${attempt} to the target, ${does}`,
        status,
        effect: (world) => exchange(world, status),
        next: (world) => hear(world, heard),
      },
      faults > 0,
    ),
  );
  const unheard: Step = {
    kind: "fault",
    who,
    does: `sends request ${attempt} to the target, which accepts; the answer is lost`,
    run: (world) => {
      fault(world, "lost-answer");
      exchange(world, 200);
      hear(world, "retryable");
    },
    made: { actor: index, fate: "answered", status: 0 },
  };
  // The lease was over before it could send: it must not any more. The record comes again.
  const tooLate: Step = {
    kind: "work",
    who,
    does: "finds its lease over, and gives the record back",
    run: (world) => {
      put(world, actor.record, "ready");
      become(world, index, {});
    },
    made: { actor: index, fate: "given-back" },
  };
  const woken = answers.map(
    ({ heard, status, does }): Step => ({
      kind: "fault",
      who,
      does: `was frozen after it looked at its lease, and now sends request ${attempt}, ${does}`,
      run: (world) => {
        fault(world, "frozen");
        exchange(world, status);
        hear(world, heard);
      },
    }),
  );
  if (isLive) return [...requesting, ...(faults > 0 ? [unheard] : [])];
  // Released by somebody's wrong clock, it may have a lease yet.
  const mayHaveLease = !isMine && past.isClockBroken;
  const sending = mayHaveLease ? requesting : faults > 0 ? woken : [];
  return [tooLate, ...sending];
};

const abandoning = (piece: Piece): Operation => ({
  actor: piece.index,
  does: `abandons the message as attempt ${piece.actor.attempts}`,
  effect: (world) =>
    piece.effects.change(world, { by: piece.who, role: "worker" }, "abandon", {
      ...mineOf(piece),
      set: { lastOutcome: lastOutcomeOf(piece) },
    }),
  next: (world) => finishing(piece)(world),
  isRepeated: true,
});

export const abandonSteps = (piece: Piece): readonly Step[] =>
  stepsOf(piece.effects, abandoning(piece), piece.state.faults > 0);

const mineOf = ({ actor, who }: Piece) => ({ now, seen: { attempts: actor.attempts }, owner: who });
const lastOutcomeOf = ({ actor }: Piece) => ({
  attempt: actor.attempts,
  class: actor.heard,
  at: now,
});

/** How long the wait after this attempt may be; where it is short, it may end when the last did. */
const waitsOf = ({ config, state, actor }: Piece): readonly number[] => {
  const { notBefore } = state.message ?? {};
  const isSoon = notBefore !== undefined && ripenessOf(notBefore) === "soon";
  const same = config.clocksDiffer && isSoon ? [notBefore - now] : [];
  return actor.heard === "retryable"
    ? [nearWaitMs, ...same, ...(config.far ? [farWaitMs] : [])]
    : [0];
};

export const settleSteps = (piece: Piece): readonly Step[] => {
  const { config, effects, state, index, actor } = piece;
  const settling = (waitMs: number): Operation => {
    const verdict = decideVerdict(outcomeOf(actor.heard), {
      number: actor.attempts,
      allowed: actor.allowed,
      before: 0,
      giveUpAt,
      scheduleMs: Array<number>(actor.attempts).fill(waitMs),
      now,
      random: 0.5,
    });
    return {
      actor: index,
      does: `settles attempt ${actor.attempts}: ${verdict.verb}`,
      effect: (world) => settleAttempt(piece, world, verdict),
      next: (world, settled) => {
        const { cancelRequestedAt } = (settled.kind === "lost" && settled.current) || {};
        const isRefused = settled.kind === "lost" && verdict.verb === "retry";
        if (isRefused && cancelRequestedAt !== undefined)
          return effects.become(world, index, { ...actor, at: "abandon" });
        const next = settled.kind === "done" ? toSend(settled.message, config.mistake) : undefined;
        if (next) return effects.become(world, index, { ...next, record: actor.record });
        finishing(piece)(world);
      },
      isRepeated: true,
    };
  };
  if (config.mistake === "abandon-first" && actor.heard === "retryable") return abandonSteps(piece);
  return waitsOf(piece).flatMap((waitMs) => stepsOf(effects, settling(waitMs), state.faults > 0));
};

const settleAttempt = (piece: Piece, world: World, verdict: Verdict): Changed => {
  const { effects, who } = piece;
  const writer = { by: who, role: "worker" } as const;
  const mine = mineOf(piece);
  const lastOutcome = lastOutcomeOf(piece);
  if (verdict.verb === "complete")
    return effects.change(world, writer, "complete", { ...mine, set: { lastOutcome } });
  if (verdict.verb === "fail") {
    const set = { failReason: verdict.reason, failedShard: "shop#0", lastOutcome };
    return effects.change(world, writer, "fail", { ...mine, set });
  }
  const due = dueFor(verdict.notBefore, now, graceMs);
  return effects.change(world, writer, "retry", { ...mine, set: { ...due, lastOutcome } });
};

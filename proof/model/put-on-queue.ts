import type { Message } from "../../domain/message.ts";
import { delaySeconds, isNear } from "../../domain/schedule.ts";
import { now } from "./moments.ts";
import { type Operation, type Step, stepsOf } from "./operation.ts";
import { type Actor, idle, type State } from "./state.ts";
import { type Effects, type World, writerRole } from "./world.ts";

/** Where an actor goes from here, who has a message to put on the queue, or none. */
export const toSend = (message: Message, mistake?: string): Partial<Actor> | undefined => {
  const { status, notBefore, attempts } = message;
  if (status !== "PENDING" || notBefore === undefined || !isNear(notBefore, now)) return undefined;
  return { at: mistake === "mark-first" ? "mark-first" : "send", attempts, notBefore };
};

/**
 * Ingestion, worker and whoever replays: send, then mark; take the mark back if it was not sent.
 * The dispatcher too, but it takes nothing back, and its mark says when to look again.
 */
export const putOnQueue = (
  effects: Effects,
  state: State,
  index: number,
  finish: (world: World, isPromised: boolean) => void,
): readonly Step[] => {
  const { roles, names, change, send, become, fault, observe, isTimed } = effects;
  const actor = state.actors[index] ?? idle;
  const role = roles[index] ?? "worker";
  const who = names[index] ?? "";
  const writer = { by: who, role: writerRole(role) };
  const mayBreak = state.faults > 0;
  const seen = { attempts: actor.attempts, notBefore: actor.notBefore };
  const again = { ...actor, heard: "none" } as const;

  const isSeenTheirs = actor.notBefore === state.message?.notBefore;
  const { notBefore = now } = actor;
  // The queue cannot hold it for longer: what is far, by a clock that was wrong, comes too early.
  const isHeld = delaySeconds(notBefore, now) > 0 && isNear(notBefore, now);
  // Where times have lengths, also what was sent for a time that is gone comes when it was to.
  const isDelayed = isHeld && (isSeenTheirs || isTimed);
  const sendIt = (world: World): void => {
    // Nobody whose clock is right would have sent it by now.
    if (!isNear(notBefore, now)) observe(world, { kind: "fault", at: now, what: "clock" });
    send(world, actor.attempts + 1, isDelayed ? "delayed" : "ready");
  };

  const sending = (next: (world: World) => void): readonly Step[] => {
    const operation: Operation<void> = {
      actor: index,
      does: `sends the record of attempt ${actor.attempts + 1}`,
      effect: sendIt,
      next: next,
      isRepeated: true,
    };
    const failed = (world: World): void => become(world, index, { ...again, at: "rollback" });
    const failing: readonly Step[] = [true, false].map((isSent) => ({
      kind: "fault",
      who,
      does: isSent
        ? `sends the record of attempt ${actor.attempts + 1}, but is told that it failed`
        : `fails to send the record of attempt ${actor.attempts + 1}`,
      run: (world) => {
        fault(world, isSent ? "lost-answer" : "other");
        if (isSent) sendIt(world);
        failed(world);
      },
      made: { actor: index, fate: isSent ? "failed-after" : "failed-before" },
    }));
    return [...stepsOf(effects, operation, mayBreak), ...(mayBreak ? failing : [])];
  };
  const marking = (next: (world: World) => void): readonly Step[] =>
    stepsOf(
      effects,
      {
        actor: index,
        does: "marks the message QUEUED",
        effect: (world) => change(world, writer, "enqueue", { now, seen }),
        next: next,
        isRepeated: true,
      },
      mayBreak,
    );

  switch (actor.at) {
    case "send":
      return sending((world) => become(world, index, { ...again, at: "mark" }));
    case "mark":
      return marking((world) => finish(world, true));
    case "mark-first":
      return marking((world) => become(world, index, { ...again, at: "send-marked" }));
    case "send-marked":
      return sending((world) => finish(world, true));
    case "rollback":
      return stepsOf(
        effects,
        {
          actor: index,
          does: "takes back that it is QUEUED",
          effect: (world) => change(world, writer, "rollback", { now, seen }),
          next: (world) => finish(world, false),
          isRepeated: true,
        },
        mayBreak,
      );
    default:
      return [];
  }
};

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
    dueShard: "0",
    submitId,
    giveUpAt,
    ttl,
  }) as Message;

/** As `handlers/api/submit.ts` has it: put, send, mark; a repeat finishes what the first began. */
export const ingestionSteps = (
  config: Config,
  effects: Effects,
  state: State,
  index: number,
): readonly Step[] => {
  const { names, observe, write, told, become } = effects;
  const who = names[index] ?? "";
  const finish = (world: World, isPromised: boolean): void => {
    told(world, isPromised ? 202 : 503);
    become(world, index, { at: "done" });
  };
  const at = state.actors[index]?.at;

  // A repeat follows a submit that has begun: which of two is the first makes no difference.
  if (at === "idle" && index > 0 && state.actors[index - 1]?.at === "idle") return [];
  if (at !== "idle" && at !== "put") return putOnQueue(effects, state, index, finish);

  const isUnconditional = config.without === "submit.from";
  const putting = stepsOf<Message>(
    effects,
    {
      actor: index,
      does: "puts the message into the table, unless it is there",
      effect: (world) => {
        if (!world.message || (isUnconditional && world.message.submitId !== who))
          write(world, who, "ingestion", newMessage(config, who));
        return world.message ?? newMessage(config, who);
      },
      // Its own or another's: either way it sees to it that the record is sent.
      next: (world, message) => {
        const next = toSend(message, config.mistake);
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

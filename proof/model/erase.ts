import { isTerminal } from "../../domain/message.ts";
import type { Config } from "./config.ts";
import { now } from "./moments.ts";
import { type Step, stepsOf } from "./operation.ts";
import { look } from "./people.ts";
import { idle, type State } from "./state.ts";
import type { Effects } from "./world.ts";

/**
 * Somebody looks at a message that has ended, and later erases its content, as
 * `handlers/steer/erase.ts` has it. What is stored beside the message is not in the model.
 */
export const eraseSteps = (
  _: Config,
  effects: Effects,
  state: State,
  index: number,
): readonly Step[] => {
  const { change, become } = effects;
  const actor = state.actors[index] ?? idle;
  const { message } = state;
  if (actor.at === "idle") {
    if (!message || !isTerminal(message.status)) return [];
    return look(effects, index, "to erase it", { at: "erase" });
  }
  if (actor.at !== "erase") return [];
  const set = { erasedAt: now, payload: true };
  return stepsOf(
    effects,
    {
      actor: index,
      kind: "choice",
      does: "erases the content of the message",
      effect: (world) => change(world, { by: "sender", role: "sender" }, "erase", { now, set }),
      next: (world) => become(world, index, { at: "done" }),
      isRepeated: true,
    },
    state.faults > 0,
  );
};

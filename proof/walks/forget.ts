import { now } from "../model/moments.ts";
import { idle, type State } from "../model/state.ts";
import type { Effects, World } from "../model/world.ts";

/** Whom nobody can be any more: a piece of work that is over. */
const nobody = "nobody";

/**
 * A worker that begins again is another piece of work: what is stored of the last one is nobody's, or
 * the next would take it for its own.
 */
export const forgetEnded = ({ roles, names }: Effects, before: State, world: World): void => {
  const ended = (name: string | undefined): boolean => {
    const index = name === undefined ? -1 : names.indexOf(name);
    return index >= 0 && (world.actors[index] ?? idle).at === "idle";
  };
  const { message, past } = world;
  if (message && ended(message.owner)) world.message = { ...message, owner: nobody };
  const isAnyEnded = world.actors.some(
    ({ at }, index) =>
      at === "idle" && roles[index] === "worker" && before.actors[index] !== world.actors[index],
  );
  if (!isAnyEnded) return;
  const holders = Object.entries(past.holders).map(
    ([attempt, name]) => [attempt, ended(name) ? nobody : name] as const,
  );
  world.past = { ...past, holders: Object.fromEntries(holders) };
};

/** A record that waits for a time that has come, or is nobody's any more, waits no longer. */
export const endDelays = (world: World): void => {
  const { message, queue } = world;
  if ((message?.notBefore ?? now) > now) return;
  for (const [attempt, { ready, delayed }] of queue.entries())
    if (delayed > 0) world.queue[attempt] = { ready: ready + delayed, delayed: 0 };
};

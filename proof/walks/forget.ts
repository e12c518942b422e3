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

/** Until when the records of an attempt are delayed, those that are. */
export type Delays = Map<number, number>;

/** Notes until when a record is delayed that has just been sent. */
export const noteDelay = (delays: Delays, before: State, world: World, by: number): void => {
  const { notBefore } = before.actors[by] ?? idle;
  if (notBefore === undefined) return;
  for (const [attempt, { delayed }] of world.queue.entries())
    if (delayed > (before.queue[attempt]?.delayed ?? 0))
      delays.set(attempt, Math.max(delays.get(attempt) ?? notBefore, notBefore));
};

/** Lets the records be received whose time has come. */
export const endDelays = (delays: Delays, world: World): void => {
  for (const [attempt, until] of delays) {
    if (until > now) continue;
    delays.delete(attempt);
    const { ready, delayed } = world.queue[attempt] ?? { ready: 0, delayed: 0 };
    world.queue[attempt] = { ready: ready + delayed, delayed: 0 };
  }
};

import { isTerminal } from "../../domain/message.ts";
import { clockMarginMs, moveTo, now, resendAfterMs } from "../model/moments.ts";
import type { State } from "../model/state.ts";
import type { Effects, World } from "../model/world.ts";

const secondMs = 1000;
/** So long before the end of its lease a holder sends no request any more. */
const lastRequestMs = 30 * secondMs;

/** A holder that is alive: its lease is not over before it is done, unless it is frozen. */
const isHeld = ({ names }: Effects, { message, actors }: State): boolean => {
  if (message?.status !== "PROCESSING") return false;
  const at = actors[names.indexOf(message.owner ?? "")]?.at ?? "idle";
  return at === "request" || at === "settle" || at === "abandon";
};

/** The times to come at which something can be done that could not be before, the next one first. */
export const timesAhead = ({ message }: State, clocksDiffer: boolean): readonly number[] => {
  if (!message || isTerminal(message.status)) return [];
  const { notBefore, dueAt, leaseUntil } = message;
  const times = [
    ...(notBefore === undefined ? [] : [notBefore, notBefore + resendAfterMs]),
    ...(notBefore === undefined || !clocksDiffer ? [] : [notBefore - clockMarginMs]),
    ...(dueAt === undefined ? [] : [dueAt]),
    ...(leaseUntil === undefined ? [] : [leaseUntil + clockMarginMs + 1]),
  ];
  return times.filter((time) => time > now).sort((one, other) => one - other);
};

/**
 * Moves the clock to a time. False: a holder would not be done before its lease is over, and nothing
 * may break.
 */
export const passUntil = (
  time: number,
  { effects, world, mayBreak }: { effects: Effects; world: World; mayBreak: boolean },
): boolean => {
  const { leaseUntil = Number.POSITIVE_INFINITY } = world.message ?? {};
  const isOutlasted = isHeld(effects, world) && time > leaseUntil - lastRequestMs;
  if (isOutlasted && !mayBreak) return false;
  // Nobody is frozen for a part of it only: a request must be over before the lease is.
  const leaseOverAt = leaseUntil + clockMarginMs + 1;
  if (isOutlasted && now < leaseOverAt) {
    effects.fault(world, "frozen");
    moveTo(Math.max(time, leaseOverAt));
  } else moveTo(time);
  return true;
};

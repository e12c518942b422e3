import type { Message } from "../../domain/message.ts";
import { invariants } from "../invariants/promises.ts";
import type { Config } from "./config.ts";
import { keysFor } from "./key.ts";
import { isDue, isLeaseOver, ripenessOf } from "./moments.ts";
import type { Result } from "./search.ts";
import type { State } from "./state.ts";
import { nextSteps } from "./steps.ts";
import { effectsFor, type World, worldOf } from "./world.ts";

const whenOf = (notBefore: number): string =>
  ({
    far: "far ahead",
    waiting: "ahead",
    soon: "seconds ahead",
    ripe: "due",
    overdue: "long overdue",
  })[ripenessOf(notBefore)];

/** The message as a person would put it. */
const described = (message: Message): string => {
  const { status, attempts, attemptsAllowed, notBefore, dueAt, leaseUntil } = message;
  const parts = [`${status}, ${attempts} of ${attemptsAllowed} attempts begun`];
  if (status === "PROCESSING" && leaseUntil !== undefined)
    parts.push(isLeaseOver(leaseUntil) ? "its lease over" : "its lease live");
  if (notBefore !== undefined && status !== "PROCESSING")
    parts.push(`the next ${whenOf(notBefore)}`);
  if (dueAt !== undefined && isDue(dueAt)) parts.push("the dispatcher is to look");
  if (message.cancelRequestedAt !== undefined && status === "PROCESSING")
    parts.push("to be cancelled");
  return parts.join("; ");
};

const queueOf = ({ queue }: Pick<State, "queue">): string => {
  const copies = queue.flatMap(({ ready, delayed }, attempt) =>
    Array<string>(ready + delayed).fill(`#${attempt}`),
  );
  return copies.length === 0 ? "no record" : `record ${copies.join(", ")}`;
};

const sentence = (who: string, does: string): string =>
  `${who.slice(0, 1).toUpperCase()}${who.slice(1)} ${does}`;

const consequence = (before: State, after: World): string => {
  const was = before.message && described(before.message);
  const is = after.message && described(after.message);
  const parts: string[] = [];
  if (after.refused) parts.push(`Refused: ${after.refused}.`);
  if (is !== undefined && is !== was) parts.push(`The message is ${is}.`);
  if (queueOf(before) !== queueOf(after)) parts.push(`On the queue: ${queueOf(after)}.`);
  return parts.join(" ");
};

/**
 * What leads to a violation, as numbered sentences: who does what, and what is then. The last one
 * is what broke the promise; where there is none, the message is stuck.
 */
export const storyOf = (config: Config, { violation, way }: Result): readonly string[] => {
  if (!violation) return [];
  const { decode } = keysFor(config);
  const effects = effectsFor(config);
  const lines = way.flatMap(({ state: text, step }, index): readonly string[] => {
    const state = decode(text);
    const taken = nextSteps(config, effects, state)[step];
    if (!taken) return [];
    const world = worldOf(state);
    taken.run(world);
    const mark = taken.kind === "fault" ? " [fault]" : "";
    const line = `${String(index + 1).padStart(3)}. ${sentence(taken.who, taken.does)}.${mark}`;
    const then = consequence(state, world);
    return then === "" ? [line] : [line, `     ${then}`];
  });
  return [
    ...lines,
    `  => ${violation.what}.`,
    `     Broken promise: ${violation.invariant}. ${invariants[violation.invariant]}`,
  ];
};

import { AsyncLocalStorage } from "node:async_hooks";
import type { Written } from "../invariants/events.ts";
import type { CallFault } from "./faults.ts";

/** A fault that goes on for all calls of one name: for so many of them, or until a time. */
export type Trouble = {
  readonly name: string;
  readonly fault: CallFault;
  readonly left: number;
  readonly until: number;
};

/** One piece of work of one process: a request, an invocation, or what a sender is up to. */
export type Actor = {
  readonly name: string;
  readonly role: Written["role"];
  /** Those that began earlier come first. */
  readonly order: number;
  /** How far the clock of its process is ahead. */
  readonly skewMs: number;
  /** What befalls others when it dies: its process, whoever waits for its answer. */
  readonly onCrash: () => void;
  isAlive: boolean;
  hasEnded: boolean;
  frozenUntil: number;
  /** When the time of its invocation is over, and its process is stopped. */
  endsAt: number;
  /** How many of its calls a fault has befallen, and whether it was frozen by one. */
  faults: number;
  wasFrozen: boolean;
  /** What goes on befalling its next calls of one name: an outage outlasts the SDK's repeats. */
  trouble?: Trouble;
  /** Calls made so far, and those that are not answered yet. */
  calls: number;
  waiting: number;
};

const actors = new AsyncLocalStorage<Actor>();

/** Whose work the code that is running belongs to. */
export const currentActor = (): Actor => {
  const actor = actors.getStore();
  if (!actor) throw new Error("Somebody calls out who is no actor");
  return actor;
};

export const asActor = (actor: Actor, work: () => void): void => actors.run(actor, work);

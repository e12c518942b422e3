import { type ChangeVerb, lifecycle, type Row } from "./lifecycle.ts";
import { limits } from "./limits.ts";
import type { Message } from "./message.ts";

/** What a sender may do with a message. */
export const actions = ["cancel", "send-now", "replay", "erase"] as const;
export type Action = (typeof actions)[number];

const verbsOf: Readonly<Record<Action, readonly ChangeVerb[]>> = {
  cancel: ["cancel", "requestCancel"],
  "send-now": ["sendNow"],
  replay: ["replay"],
  erase: ["erase"],
};

const changesNothing: Readonly<Record<Action, (message: Message, now: number) => boolean>> = {
  cancel: ({ cancelRequestedAt }) => cancelRequestedAt !== undefined,
  "send-now": ({ notBefore = 0 }, now) => notBefore <= now,
  replay: ({ replays, erasedAt }) => replays >= limits.replaysMax || erasedAt !== undefined,
  erase: ({ erasedAt }) => erasedAt !== undefined,
};

const isPossible = (action: Action, message: Message, now: number): boolean => {
  const rows: readonly Row[] = verbsOf[action].map((verb) => lifecycle[verb]);
  const isAllowed = rows.some(({ from }) => from.includes(message.status));
  return isAllowed && !changesNothing[action](message, now);
};

/** Returns the actions that the state of a message allows and that would change something. */
export const possibleActions = (message: Message, now: number): readonly Action[] =>
  actions.filter((action) => isPossible(action, message, now));

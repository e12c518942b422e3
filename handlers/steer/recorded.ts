import type { Chance } from "../../adapters/chance.ts";
import type { Clock } from "../../adapters/clock.ts";
import { type DoneBy, entryIdAt, entryOf } from "../../domain/action-entry.ts";
import { type Action, possibleActions } from "../../domain/actions.ts";
import type { Message } from "../../domain/message.ts";
import { Problem } from "../../domain/problem.ts";
import type { ReplayAsked } from "../../domain/replay.ts";
import type { ActionStore } from "../../entities/action.ts";

type Deps = { readonly actions: ActionStore; readonly clock: Clock; readonly chance: Chance };

type Doing = { readonly action: Action; readonly by: DoneBy; readonly asked?: ReplayAsked };

/**
 * Stores who does what to a message, then does it. Nothing is stored where the state does not allow
 * the action, or where it would change nothing.
 *
 * The entry comes first: a crash after it leaves an entry whose action may not have been done; the
 * other order could leave an action that nobody can be asked about. An action that is refused after
 * all, because another one was faster, is marked so. A crash before that mark leaves it unmarked.
 */
export const recorded = async (
  { actions, clock, chance }: Deps,
  message: Message,
  { action, by, asked }: Doing,
  act: () => Promise<Message>,
): Promise<Message> => {
  const at = clock();
  if (!possibleActions(message, at).includes(action)) return act();
  const entryId = entryIdAt(at, chance.token());
  const entry = entryOf(message, { entryId, action, by, at, ...(asked && { asked }) });
  await actions.record(entry);
  try {
    return await act();
  } catch (error) {
    const isRefused = error instanceof Problem && error.code !== "SYSTEM_ERROR";
    if (isRefused) await actions.refuse(entry);
    throw error;
  }
};

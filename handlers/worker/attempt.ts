import type { Queue } from "../../adapters/queue.ts";
import type { Message } from "../../domain/message.ts";
import { type Exchange, judge, type Outcome } from "../../domain/outcome.ts";
import { type Unsent, unsentOutcome } from "./attempt-time.ts";
import { type Attempted, type ConcludeDeps, conclude } from "./conclude.ts";
import { type ExchangeDeps, exchangeWithTarget } from "./exchange.ts";

export type AttemptDeps = ExchangeDeps & ConcludeDeps & { readonly queue: Queue };

const outcomeOf = (made: Exchange | Unsent, now: number): Outcome =>
  typeof made === "string" ? unsentOutcome(made) : judge(made, now);

/** Makes the attempt of a claimed message, stores what came of it, and sends the next record. */
export const attempt = async (
  deps: AttemptDeps,
  message: Message,
  endsAt: number,
): Promise<Attempted> => {
  const made = await exchangeWithTarget(deps, message, endsAt);
  const exchange = typeof made === "string" ? undefined : made;
  const now = deps.clock();
  return conclude(deps, message, { outcome: outcomeOf(made, now), exchange, now }, endsAt);
};

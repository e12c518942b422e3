import type { AttemptLine } from "../../adapters/log.ts";
import type { CountedAttempt } from "../../domain/outcome-counts.ts";
import type { DeliveryRecord } from "../../domain/record.ts";
import { collectTransitions } from "../transitions.ts";
import { type AttemptDeps, attempt } from "./attempt.ts";
import { type ClaimDeps, claim } from "./claim-attempt.ts";
import type { Attempted } from "./conclude.ts";

export type DeliverDeps = AttemptDeps & ClaimDeps;

/**
 * Makes the attempt that a record points at, and logs it. Resolves when the record can be deleted, to
 * the attempt as it is counted if one was made. Throws only if *we* failed; then the record comes
 * back. `endsAt` is when this process is stopped.
 */
export const deliver = async (
  deps: DeliverDeps,
  record: DeliveryRecord,
  endsAt: number,
): Promise<CountedAttempt | undefined> => {
  const { senderId, messageId, attempt: number } = record;
  const transitions = collectTransitions();
  const startedAt = deps.clock();
  const log = (result: Partial<AttemptLine>): void =>
    deps.log.line({
      ...{ event: "attempt", senderId, messageId, attempt: number, ...result },
      transitions: transitions.steps,
      durationMs: deps.clock() - startedAt,
    });

  const messages = deps.messages.observedBy(transitions.on);
  let made: Attempted | undefined;
  try {
    const message = await claim({ ...deps, messages }, record);
    if (message) made = await attempt({ ...deps, messages }, message, endsAt);
  } catch (error) {
    log({});
    throw error;
  }
  log(made?.report ?? { verdict: "record-dropped" });
  if (made?.error !== undefined) throw made.error;
  return made?.counted;
};

import type { Chance } from "../../adapters/chance.ts";
import type { Clock } from "../../adapters/clock.ts";
import type { Metrics } from "../../adapters/metrics.ts";
import { allows } from "../../domain/change.ts";
import { startableBy } from "../../domain/dispatch.ts";
import type { Message } from "../../domain/message.ts";
import type { DeliveryRecord } from "../../domain/record.ts";
import { leaseFrom } from "../../domain/schedule.ts";
import type { MessageStore } from "../../entities/message.ts";

export type ClaimDeps = {
  readonly messages: MessageStore;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly metrics: Metrics;
  readonly leaseMs: number;
  readonly clockMarginMs: number;
};

/**
 * Takes the lease for the record's attempt and returns the claimed message. Returns `undefined` if
 * the record is stale, doubled or early; it is dropped, because only the dispatcher moves a lost
 * attempt on.
 *
 * A crash after this leaves a lease that ends, and a check soon after that; the attempt counts,
 * with an unknown outcome. If the next check is later than that, because the message waited in a
 * backlog, the first write is refused and a second one sets the check too. A crash between the two
 * leaves the message unclaimed, and its record comes back.
 */
export const claim = async (
  deps: ClaimDeps,
  record: DeliveryRecord,
): Promise<Message | undefined> => {
  const { messages, clock, chance, clockMarginMs, metrics } = deps;
  const now = clock();
  const { leaseUntil, dueAt } = leaseFrom(now, deps);
  const owner = chance.token();
  const change = {
    now,
    seen: { attempts: record.attempt - 1 },
    notAfter: { notBefore: startableBy(now, clockMarginMs), dueAt },
    set: { owner, leaseUntil, dueAt },
  };

  const claimed = await messages.claim(record, change);
  if (claimed.kind === "done") return claimed.message;

  if (claimed.current && allows("claimAndReschedule", claimed.current, change)) {
    const rescheduled = await messages.claimAndReschedule(record, change);
    if (rescheduled.kind === "done") return rescheduled.message;
  }
  metrics.count("RecordsDropped");
  return undefined;
};

import { allows } from "../../domain/change.ts";
import { startableBy } from "../../domain/dispatch.ts";
import type { Message } from "../../domain/message.ts";
import type { DeliveryRecord } from "../../domain/record.ts";
import { leaseFrom } from "../../domain/schedule.ts";
import type { DeliverDeps } from "./deliver.ts";

/**
 * Takes the lease for the record's attempt, and returns the message as it then is. Returns nothing
 * if the lease is not to be had: the record is stale, doubled or early, and is dropped, for only
 * the dispatcher moves a lost attempt on.
 *
 * A crash after this leaves a lease that runs out, and a look soon after it; the attempt counts, and
 * what came of it is unknown. A message whose look had been put off past that, in a backlog say, is
 * refused and then claimed by another write that sets the look too. A crash between the two leaves
 * the message unclaimed, and its record comes back.
 */
export const claim = async (
  deps: Pick<
    DeliverDeps,
    "messages" | "clock" | "chance" | "metrics" | "leaseMs" | "clockMarginMs"
  >,
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

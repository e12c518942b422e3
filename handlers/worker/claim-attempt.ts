import { startableBy } from "../../domain/dispatch.ts";
import type { Message } from "../../domain/message.ts";
import type { DeliveryRecord } from "../../domain/record.ts";
import { dueAfterLease } from "../../domain/schedule.ts";
import type { DeliverDeps } from "./deliver.ts";

/**
 * Takes the lease for the record's attempt. Nothing if it is not to be had: the record is stale,
 * doubled or early, and is dropped, for the dispatcher alone looks after lost attempts. A crash
 * after this leaves a lease that runs out; the attempt counts, and what came of it is unknown.
 */
export const claim = async (
  deps: DeliverDeps,
  record: DeliveryRecord,
): Promise<Message | undefined> => {
  const { messages, clock, chance, leaseMs, clockMarginMs, metrics } = deps;
  const now = clock();
  const claimed = await messages.claim(record, {
    now,
    seen: { attempts: record.attempt - 1 },
    notAfter: { notBefore: startableBy(now, clockMarginMs) },
    set: { owner: chance.token(), leaseUntil: now + leaseMs },
  });
  if (claimed.kind === "done") return claimed.message;
  metrics.count("RecordsDropped");
  return undefined;
};

/**
 * A message that had waited for long, in a backlog say, is looked at as rarely as that was good
 * for: up to hours after this. Should this process end, that would be how long nobody notices, so
 * the look is brought forward. A crash before this costs that time, and never the message.
 */
export const hasten = async (
  { messages, clock, clockMarginMs, graceMs, log }: DeliverDeps,
  message: Message,
): Promise<void> => {
  const now = clock();
  const dueAt = dueAfterLease(message.leaseUntil ?? now, clockMarginMs);
  if ((message.dueAt ?? 0) <= dueAt + graceMs) return;
  try {
    await messages.hasten(message, { now, set: { dueAt } });
  } catch (error) {
    const { senderId, messageId } = message;
    log.failure("look not hastened", error, { senderId, messageId });
  }
};

import type { QuarantineLine } from "../../adapters/log.ts";
import { dueAfterQuarantine, type Judged, remedyOf } from "../../domain/quarantine.ts";
import type { DueItem } from "../../entities/due-items.ts";
import type { DispatchDeps } from "./act.ts";

/**
 * Moves an item that cannot be handled out of the way of the others: one conditional write. A crash
 * after it loses the log line and the count, not the mark, which the audit reads; the item is
 * judged again at its next check. An item that has changed meanwhile stays as it is.
 */
export const quarantine = async (
  { messages, clock, log, metrics }: Pick<DispatchDeps, "messages" | "clock" | "log" | "metrics">,
  item: DueItem,
  { reason, evidence }: Extract<Judged, { kind: "bad" }>,
): Promise<void> => {
  const now = clock();
  const dueAt = dueAfterQuarantine(now);
  if (!(await messages.quarantine(item, { now, dueAt }))) return;
  metrics.count("MessagesQuarantined");
  const remedy = remedyOf(reason);
  log.line({ event: "quarantine", ...namesOf(item), reason, evidence, dueAt, remedy });
};

/** Returns the names of an item for the log: the ids in its key, or the key itself. */
export const namesOf = ({
  ids,
  raw,
}: DueItem): Pick<QuarantineLine, "senderId" | "messageId" | "pk" | "sk"> =>
  ids ?? { pk: raw["pk"]?.S, sk: raw["sk"]?.S };

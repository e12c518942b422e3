import { dueAfterQuarantine, type Judged, remedyOf } from "../../domain/quarantine.ts";
import type { DueItem } from "../../entities/due-items.ts";
import type { DispatchDeps } from "./act.ts";

/**
 * Moves an item about which nothing can be done out of the way of the others: one conditional
 * write. A crash after it loses the line and the count, not the mark, which the audit reads; the
 * item is judged anew at its next look. If it has changed meanwhile it is left as it is.
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

/** What an item is called in the log: by its key, which is right even where its ids are not. */
export const namesOf = ({ ids, raw }: DueItem): Readonly<Record<string, unknown>> =>
  ids ?? { pk: raw["pk"]?.S, sk: raw["sk"]?.S };

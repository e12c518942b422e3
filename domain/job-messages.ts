import { type Job, type JobAction, jobStatusesFor } from "./job.ts";
import type { ListFilter } from "./list-filter.ts";
import { isTerminal, type Message } from "./message.ts";

/** Returns when a message ended, or undefined if it has not. */
const endedAt = ({ status, completedAt, failedAt, cancelledAt }: Message): number | undefined =>
  ({ COMPLETED: completedAt, FAILED: failedAt, CANCELLED: cancelledAt })[
    status as "COMPLETED" | "FAILED" | "CANCELLED"
  ];

/** Returns the list that a job reads: of a cancel all that is unfinished, whatever the status. */
export const listOfJob = ({
  action,
  filter,
  before,
}: Pick<Job, "action" | "filter" | "before">): ListFilter => {
  const status = action === "cancel" ? "unfinished" : (filter.status ?? "FAILED");
  return { ...filter, status, to: Math.min(filter.to ?? before, before) };
};

/**
 * Tells whether a job is to act on a message of its list, as the message is now. One that was
 * replayed since, by whomever, is not what was planned any more.
 */
export const isForJob = (
  { action, filter, before }: Pick<Job, "action" | "filter" | "before">,
  message: Message,
): boolean => {
  // A message in quarantine is damaged and waits for an operator. An erased one has no content.
  const isLeftAlone = message.quarantinedAt !== undefined || message.erasedAt !== undefined;
  if (message.createdAt >= before || isLeftAlone) return false;
  const [byDefault] = jobStatusesFor[action];
  const wanted = filter.status ?? byDefault;
  if (action === "replay")
    return message.status === wanted && (endedAt(message) ?? before) < before;
  const isMeant = wanted === "unfinished" || message.status === wanted;
  return isMeant && !isTerminal(message.status) && message.cancelRequestedAt === undefined;
};

/**
 * Returns about how many write units the action takes on a message: its entry, the change of its
 * state with its indexes, and of a replay the record, and what is kept for longer.
 */
export const writeUnitsOf = (action: JobAction, { attempts, payload }: Message): number =>
  action === "cancel" ? 1 + 2 : 1 + 3 + 1 + attempts + (payload ? 1 : 0);

import type { Job } from "../../client/job-answers.ts";
import { printableLine } from "../../domain/printable.ts";

type Filter = Job["filter"];

const which: Readonly<Record<string, string>> = {
  FAILED: "that FAILED",
  CANCELLED: "that were CANCELLED",
  COMPLETED: "that were COMPLETED",
  unfinished: "that are unfinished",
};

/** Returns which messages a filter means: the rest of a sentence, from the word "messages" on. */
export const messagesInWords = ({ status = "FAILED", reason, target, from, to }: Filter): string =>
  [
    "messages",
    which[status] ?? `that are ${status}`,
    reason && `with the reason ${reason}`,
    target && `to ${printableLine(target)}`,
    from && `from ${from} on`,
    to && `before ${to}`,
  ]
    .filter(Boolean)
    .join(" ");

/** Returns what a job does, as its title. */
export const jobInWords = ({ action, filter }: Pick<Job, "action" | "filter">): string => {
  const { status = action === "replay" ? "FAILED" : "unfinished" } = filter;
  const verb = action === "replay" ? "Replay" : "Cancel";
  return `${verb} ${messagesInWords({ ...filter, status })}`;
};

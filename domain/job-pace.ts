import { type Canary, canarySizes, type Job } from "./job.ts";
import { limits } from "./limits.ts";
import type { Message } from "./message.ts";

/**
 * Returns how many messages a job may take now: the next canaries, or as many as its rate allows
 * for the time that it looks ahead.
 */
export const roomOf = ({ stage, paceAt, ratePerSecond }: Job, now: number): number => {
  const size = canarySizes[stage];
  if (size !== undefined) return size;
  const aheadMs = now + limits.jobAheadMsMax - Math.max(paceAt, now);
  return Math.min(limits.jobBatchMax, Math.floor((aheadMs / 1000) * ratePerSecond));
};

/** Returns when each of `count` messages may begin, at the rate of the job, and the next one. */
export const paceOf = (
  { paceAt, ratePerSecond }: Pick<Job, "paceAt" | "ratePerSecond">,
  count: number,
  now: number,
): { readonly times: readonly number[]; readonly paceAt: number } => {
  const from = Math.max(paceAt, now);
  const at = (index: number): number => Math.round(from + (index * 1000) / ratePerSecond);
  return { times: Array.from({ length: count }, (_, index) => at(index)), paceAt: at(count) };
};

/** What the canaries say: too many failed again, few enough did, or it is too early. */
export type CanaryVerdict = "stop" | "go" | "wait";

const canaryOutcome = (message: Message | undefined): "ok" | "failed" | "open" | "gone" => {
  if (!message || message.status === "CANCELLED") return "gone";
  if (message.status === "COMPLETED") return "ok";
  if (message.status === "FAILED") return "failed";
  const { lastOutcome, attemptsBefore } = message;
  // The first attempt decides: retries may take days.
  return lastOutcome && lastOutcome.attempt > attemptsBefore ? "failed" : "open";
};

/** Judges canaries that were replayed. Those that are gone or were cancelled do not count. */
export const judgeCanary = (
  { failShareMax }: Canary,
  messages: readonly (Message | undefined)[],
): CanaryVerdict => {
  const outcomes = messages.map(canaryOutcome);
  if (outcomes.includes("open")) return "wait";
  const failed = outcomes.filter((outcome) => outcome === "failed").length;
  const decided = outcomes.filter((outcome) => outcome !== "gone").length;
  return decided > 0 && failed / decided > failShareMax ? "stop" : "go";
};

import type { Audited, Rule } from "./audit-rule.ts";
import { failReasons, isTerminal } from "./message.ts";
import { isAccepted } from "./outcome.ts";
import { failedShardOf } from "./shard.ts";

/** Rules about the attempts of a message and how it ended. */
export const attemptRules = [
  {
    id: "too-many-attempts",
    wrong: "More attempts were made than the message allows.",
    remedy: "A bug, or someone changed the item. Report it with the log lines of the message.",
    evidence: ({ message: { attempts, attemptsAllowed } }) =>
      attempts > attemptsAllowed ? `${attempts} attempts of ${attemptsAllowed}` : undefined,
  },
  {
    id: "none-left",
    wrong: "The message waits for an attempt, and has none left.",
    remedy: "Raise attemptsAllowed by one: one more attempt then ends it. Report a bug.",
    evidence: ({ message: { status, attempts, attemptsAllowed } }) =>
      (status === "PENDING" || status === "QUEUED") && attempts === attemptsAllowed
        ? `${status} after ${attempts} of ${attemptsAllowed} attempts`
        : undefined,
  },
  {
    id: "exhausted-early",
    wrong: "The message FAILED as out of attempts, and had some left.",
    remedy: "Have its sender replay it, and report a bug.",
    evidence: ({ message: { failReason, attempts, attemptsAllowed } }) =>
      failReason === "attempts-exhausted" && attempts < attemptsAllowed
        ? `${attempts} of ${attemptsAllowed} attempts`
        : undefined,
  },
  {
    id: "no-reason",
    wrong: "The message FAILED without a known reason.",
    remedy: "The log line of its last attempt has the reason. Report a bug.",
    evidence: ({ message: { status, failReason } }) =>
      status === "FAILED" && !failReasons.some((known) => known === failReason)
        ? `failReason is ${JSON.stringify(failReason ?? null)}`
        : undefined,
  },
  {
    id: "failed-index",
    wrong: "The message FAILED, and is missing from the failed index or in the wrong shard of it.",
    remedy: "Set failedShard to the expected one, and failedAt to when it failed (epoch ms).",
    evidence: ({ message }) => {
      const expected = failedShardOf(message, message.senderShard);
      if (message.status !== "FAILED") return undefined;
      if (message.failedAt === undefined) return "FAILED without failedAt";
      return message.failedShard === expected
        ? undefined
        : `failedShard is ${JSON.stringify(message.failedShard ?? null)}, not ${JSON.stringify(expected)}`;
    },
  },
  {
    id: "not-failed",
    wrong: "The message is in the failed index, and has not FAILED.",
    remedy: "Remove failedShard and failedAt.",
    evidence: ({ message: { status, failedShard } }) =>
      status !== "FAILED" && failedShard !== undefined ? `${status} with failedShard` : undefined,
  },
  {
    id: "unearned",
    wrong: "The message is COMPLETED without a stored 2xx answer of its target.",
    remedy:
      "See the log lines of its attempts. If the target did not accept it, have its sender replay it.",
    evidence: ({ message: { status, lastOutcome } }) => {
      if (status !== "COMPLETED") return undefined;
      const isEarned = lastOutcome?.class === "accepted" && isAccepted(lastOutcome.status ?? 0);
      return isEarned ? undefined : `the last answer was ${lastOutcome?.status ?? "none"}`;
    },
  },
  {
    id: "outcome-mismatch",
    wrong: "The stored last outcome is not that of the last attempt.",
    remedy: "Someone changed the item. See the log lines of its attempts.",
    unless: ["unearned"],
    evidence: ({ message: { status, attempts, lastOutcome } }) => {
      const ended = status === "PROCESSING" ? attempts - 1 : attempts;
      const told = lastOutcome?.attempt ?? 0;
      return told === ended
        ? undefined
        : `attempts that ended: ${ended}; the last outcome is of ${told === 0 ? "none" : `attempt ${told}`}`;
    },
  },
  {
    id: "attempt-unclaimed",
    wrong: "The history has an attempt that was never claimed.",
    remedy: "Someone changed the item or its attempts. See the log lines of the message.",
    unless: ["key-mismatch"],
    evidence: ({ message, attempts }) => {
      const unclaimed = attempts.find(({ number = 0 }) => number < 1 || number > message.attempts);
      return unclaimed && `attempt ${unclaimed.number} of ${message.attempts}`;
    },
  },
  {
    id: "failed-and-accepted",
    wrong: "The attempt that the target accepted is in the history as failed.",
    remedy: "Someone changed the item or its attempts. See the log lines of the message.",
    evidence: ({ message: { lastOutcome }, attempts }) =>
      lastOutcome?.class === "accepted" &&
      attempts.some(
        (attempt) => attempt.number === lastOutcome.attempt && attempt.class !== "accepted",
      )
        ? `attempt ${lastOutcome.attempt} is stored as failed`
        : undefined,
  },
  {
    id: "lease-after-end",
    wrong: "The message has ended, and still has a lease.",
    remedy: "Remove leaseUntil.",
    evidence: ({ message: { status, leaseUntil } }) =>
      isTerminal(status) && leaseUntil !== undefined ? `${status} with leaseUntil` : undefined,
  },
] as const satisfies readonly Rule<Audited>[];

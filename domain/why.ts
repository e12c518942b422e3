import { type Action, possibleActions } from "./actions.ts";
import { spanInWords } from "./duration.ts";
import { limits } from "./limits.ts";
import { type FailReason, isTerminal, type Message } from "./message.ts";
import { ago, erasedInWords, numbered, outcomeInWords } from "./outcome-words.ts";
import { dueAfterLease } from "./schedule.ts";
import { hostOf } from "./target-host.ts";

/** Where a message is, why, and what happens next: for a person. Times are epoch milliseconds. */
export type Why = {
  readonly why: string;
  readonly next: string;
  /** The earliest time of the next event, which mostly follows soon. Absent if none will. */
  readonly nextAt?: number;
  /** The actions that its state allows and that would change something. */
  readonly canDo: readonly Action[];
};

export type WhyFacts = { readonly now: number; readonly clockMarginMs: number };

const waits = (message: Message, now: number): string => {
  const { attempts, attemptsBefore, lastOutcome, replays, deliverAt = 0, createdAt } = message;
  if (message.quarantinedAt !== undefined)
    return "The message is damaged, or a newer version stored it: it is in quarantine until an operator repairs it.";
  if (attempts > attemptsBefore)
    return lastOutcome?.attempt === attempts
      ? outcomeInWords(message, lastOutcome, now)
      : `What came of attempt ${numbered(attempts, message)} is not known.`;
  if (replays > 0)
    return `The message was replayed${ago(message.pendingAt, now)}; this is replay ${replays}.`;
  return deliverAt > now
    ? `The message was submitted${ago(createdAt, now)}, to be delivered later.`
    : `The message was submitted${ago(createdAt, now)}, and no attempt has been made yet.`;
};

/** Returns what happens to a message that waits: PENDING or QUEUED. */
const waiting = (message: Message, { now }: WhyFacts): Omit<Why, "canDo"> => {
  const { status, attempts, notBefore = now, giveUpAt } = message;
  const attempt = `attempt ${numbered(attempts + 1, message)}`;
  const why = waits(message, now);
  if (Math.max(notBefore, now) > giveUpAt)
    return {
      why,
      next: `No request is made any more, because giveUpAt comes before ${attempt}: the message will be FAILED.`,
      nextAt: notBefore,
    };
  if (notBefore > now)
    return {
      why,
      next: `Next is ${attempt}, in ${spanInWords(notBefore - now)}.`,
      nextAt: notBefore,
    };
  const how =
    status === "QUEUED"
      ? "its record is on the queue, and the next free worker takes it"
      : "its record is about to be put on the queue";
  return { why, next: `Next is ${attempt}, now: ${how}.`, nextAt: notBefore };
};

/** Describes what follows a failed attempt: nothing, a CANCELLED message, or a wait. */
const followsOf = (message: Message, at: number): "nothing" | "cancel" | "wait" => {
  const { attempts, attemptsAllowed, cancelRequestedAt, giveUpAt } = message;
  if (attempts >= attemptsAllowed || at > giveUpAt) return "nothing";
  return cancelRequestedAt !== undefined ? "cancel" : "wait";
};

/** The wait before the next attempt, at its longest, may end after giveUpAt. */
const unlessTooLate = ({ giveUpAt }: Message, at: number): string =>
  giveUpAt < at + 2 * limits.waitMsMax ? ", unless that would begin after giveUpAt" : "";

/** Returns what happens to a message whose worker was lost. */
const lost = (message: Message, { now }: WhyFacts, releasedAt: number): Omit<Why, "canDo"> => {
  const then = {
    nothing: "is FAILED",
    cancel: "is CANCELLED",
    wait: `waits for its next attempt${unlessTooLate(message, now)}`,
  }[followsOf(message, now)];
  const [attempt, host] = [numbered(message.attempts, message), hostOf(message.targetUrl)];
  return {
    why: `The worker that made attempt ${attempt} was lost, and whether ${host} got the request is unknown.`,
    next: `The dispatcher releases the message, which then ${then}.`,
    nextAt: releasedAt,
  };
};

/** Returns what happens to a message whose attempt is being made, or was. */
const processing = (message: Message, facts: WhyFacts): Omit<Why, "canDo"> => {
  const { now, clockMarginMs } = facts;
  const releasedAt = dueAfterLease(message.leaseUntil ?? now, clockMarginMs);
  if (releasedAt <= now) return lost(message, facts, releasedAt);
  const after = {
    nothing: "no other attempt follows, because none is left",
    cancel: "no other attempt follows, because its sender asked to cancel",
    wait: `the next attempt follows after a wait${unlessTooLate(message, releasedAt)}`,
  }[followsOf(message, now)];
  return {
    why: `Attempt ${numbered(message.attempts, message)} is being made.`,
    next: `If it is not accepted, ${after}. It is over in ${spanInWords(releasedAt - now)} at the latest.`,
    nextAt: releasedAt,
  };
};

const failed: Readonly<Record<FailReason, string>> = {
  "attempts-exhausted": "No attempt is left.",
  "too-late": "Its giveUpAt came before another attempt could begin.",
  gone: "The target answered 410 Gone, which is final.",
  "target-blocked": "The address of its target is one that may not be reached.",
  "payload-missing": "Its headers and its body, which are stored apart, are missing.",
  unsendable: "No HTTP request can be made of it.",
};
const isFailReason = (text: string | undefined): text is FailReason =>
  text !== undefined && Object.hasOwn(failed, text);

/** Returns a sentence on why a message FAILED, by its reason. A newer version may know others. */
export const failReasonInWords = (reason: string | undefined): string =>
  isFailReason(reason) ? failed[reason] : `The reason is ${reason ?? "not stored"}.`;

const ended = (message: Message, now: number): string => {
  const { status, failReason, lastOutcome, cancelledAt } = message;
  const last = lastOutcome && outcomeInWords(message, lastOutcome, now);
  if (status === "COMPLETED") return last ?? "The target accepted the message.";
  if (status === "CANCELLED")
    return `Its sender cancelled the message${ago(cancelledAt, now)}.${
      message.attempts > 0 ? " An attempt made before may have reached the target." : ""
    }`;
  const reason = failReasonInWords(failReason);
  const isSaid = failReason !== "attempts-exhausted" && failReason !== "too-late";
  return isSaid || !last
    ? `The message FAILED. ${reason}`
    : `The message FAILED. ${reason} ${last}`;
};

const said = (message: Message, facts: WhyFacts): Omit<Why, "canDo"> => {
  const { status } = message;
  if (status === "PENDING" || status === "QUEUED") return waiting(message, facts);
  if (status === "PROCESSING") return processing(message, facts);
  if (isTerminal(status)) {
    const why = ended(message, facts.now) + erasedInWords(message, facts.now);
    return { why, next: "Nothing: the message has ended." };
  }
  return {
    why: `The message is ${status}, a state that this version of Postrider does not know.`,
    next: "Only the version that stored it can say what happens next.",
  };
};

/**
 * Explains a message in sentences: what state it is in and why, what happens next and when, and
 * what its sender can do. Names the host of the target and nothing else of its URL. A state of a
 * newer version is named, and nothing is promised about it.
 */
export const whyOf = (message: Message, facts: WhyFacts): Why => {
  return { ...said(message, facts), canDo: possibleActions(message, facts.now) };
};

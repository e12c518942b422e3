import { spanInWords } from "./duration.ts";
import { type ChangeVerb, lifecycle, type Row } from "./lifecycle.ts";
import { limits } from "./limits.ts";
import { type FailReason, isTerminal, type LastOutcome, type Message } from "./message.ts";
import type { NoAnswerClass } from "./outcome.ts";
import { dueAfterLease } from "./schedule.ts";

/** What a sender may do with a message. */
export const actions = ["cancel", "send-now", "replay"] as const;
export type Action = (typeof actions)[number];

/** Where a message is, why, and what happens next: for a person. Times are epoch milliseconds. */
export type Why = {
  readonly why: string;
  readonly next: string;
  /** When the next thing happens: not before it, and mostly soon after. Absent if nothing does. */
  readonly nextAt?: number;
  /** The actions that its state allows and that would change something. */
  readonly canDo: readonly Action[];
};

export type WhyFacts = { readonly now: number; readonly clockMarginMs: number };

const verbsOf: Readonly<Record<Action, readonly ChangeVerb[]>> = {
  cancel: ["cancel", "requestCancel"],
  "send-now": ["sendNow"],
  replay: ["replay"],
};

const changesNothing: Readonly<Record<Action, (message: Message, now: number) => boolean>> = {
  cancel: ({ cancelRequestedAt }) => cancelRequestedAt !== undefined,
  "send-now": ({ notBefore = 0 }, now) => notBefore <= now,
  replay: ({ replays }) => replays >= limits.replaysMax,
};

const isPossible =
  (message: Message, now: number) =>
  (action: Action): boolean => {
    const rows: readonly Row[] = verbsOf[action].map((verb) => lifecycle[verb]);
    return (
      rows.some(({ from }) => from.includes(message.status)) &&
      !changesNothing[action](message, now)
    );
  };

/** The host of the target. Its path and query may be secret. */
const hostOf = ({ targetUrl }: Message): string =>
  URL.canParse(targetUrl) ? new URL(targetUrl).host : "the target";

const ago = (at: number | undefined, now: number): string =>
  at === undefined || at > now ? "" : ` ${spanInWords(now - at)} ago`;

const numbered = (attempt: number, { attemptsAllowed }: Message): string =>
  `${attempt} of ${attemptsAllowed}`;

/** What went wrong, by the class of the outcome: the rest of a sentence about one attempt. */
const failures: Readonly<
  Record<NoAnswerClass | "payload-missing" | "too-late" | "unknown", (host: string) => string>
> = {
  dns: (host) => `the name of ${host} could not be looked up`,
  connect: (host) => `no connection to ${host} could be made`,
  tls: (host) => `no secure connection to ${host} could be made`,
  timeout: (host) => `${host} did not answer in time`,
  reset: (host) => `${host} broke the connection off`,
  protocol: (host) => `${host} did not answer in HTTP`,
  "target-blocked": (host) => `the address of ${host} is one that may not be reached`,
  unsendable: () => "no HTTP request can be made of the message",
  "payload-missing": () => "the headers and the body of the message are missing",
  "too-late": () => "giveUpAt had passed",
  unknown: (host) => `its worker was lost, and whether ${host} got the request is unknown`,
};
const isFailure = (text: string): text is keyof typeof failures => Object.hasOwn(failures, text);

/** What came of the latest attempt that ended. */
const outcomeOf = (message: Message, last: LastOutcome, now: number): string => {
  const host = hostOf(message);
  const attempt = `Attempt ${numbered(last.attempt, message)}`;
  const when = ago(last.at, now);
  if (last.status !== undefined) return `${attempt} got ${last.status} from ${host}${when}.`;
  const failure = isFailure(last.class) ? failures[last.class](host) : last.class;
  return `${attempt} failed${when}: ${failure}.`;
};

const waits = (message: Message, now: number): string => {
  const { attempts, attemptsBefore, lastOutcome, replays, deliverAt = 0, createdAt } = message;
  if (message.quarantinedAt !== undefined)
    return "The message is damaged, or a newer version stored it: it is in quarantine until an operator repairs it.";
  if (attempts > attemptsBefore)
    return lastOutcome?.attempt === attempts
      ? outcomeOf(message, lastOutcome, now)
      : `What came of attempt ${numbered(attempts, message)} is not known.`;
  if (replays > 0)
    return `The message was replayed${ago(message.pendingAt, now)}; this is replay ${replays}.`;
  return deliverAt > now
    ? `The message was submitted${ago(createdAt, now)}, to be delivered later.`
    : `The message was submitted${ago(createdAt, now)}, and no attempt has been made yet.`;
};

/** What happens to a message that waits: PENDING or QUEUED. */
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

/** What happens to a message whose attempt is being made, or was. */
const processing = (message: Message, { now, clockMarginMs }: WhyFacts): Omit<Why, "canDo"> => {
  const { attempts, attemptsAllowed, cancelRequestedAt, leaseUntil = now, giveUpAt } = message;
  const attempt = `attempt ${numbered(attempts, message)}`;
  const releasedAt = dueAfterLease(leaseUntil, clockMarginMs);
  const isLast = attempts >= attemptsAllowed || now > giveUpAt;
  // The wait before the next attempt, at its longest, may end after giveUpAt.
  const unlessTooLate =
    giveUpAt < Math.max(now, releasedAt) + 2 * limits.waitMsMax
      ? ", unless that would begin after giveUpAt"
      : "";
  if (releasedAt <= now) {
    const then = isLast
      ? "is FAILED"
      : cancelRequestedAt !== undefined
        ? "is CANCELLED"
        : `waits for its next attempt${unlessTooLate}`;
    return {
      why: `The worker that made ${attempt} was lost, and whether ${hostOf(message)} got the request is unknown.`,
      next: `The dispatcher releases the message, which then ${then}.`,
      nextAt: releasedAt,
    };
  }
  const after =
    cancelRequestedAt !== undefined
      ? "no other attempt follows, because its sender asked to cancel"
      : isLast
        ? "no other attempt follows, because none is left"
        : `the next attempt follows after a wait${unlessTooLate}`;
  return {
    why: `${attempt.slice(0, 1).toUpperCase()}${attempt.slice(1)} is being made.`,
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

const ended = (message: Message, now: number): string => {
  const { status, failReason, lastOutcome, cancelledAt } = message;
  const last = lastOutcome && outcomeOf(message, lastOutcome, now);
  if (status === "COMPLETED") return last ?? "The target accepted the message.";
  if (status === "CANCELLED")
    return `Its sender cancelled the message${ago(cancelledAt, now)}.${
      message.attempts > 0 ? " An attempt made before may have reached the target." : ""
    }`;
  const reason = isFailReason(failReason)
    ? failed[failReason]
    : `The reason is ${failReason ?? "not stored"}.`;
  const isSaid = failReason !== "attempts-exhausted" && failReason !== "too-late";
  return isSaid || !last
    ? `The message FAILED. ${reason}`
    : `The message FAILED. ${reason} ${last}`;
};

const said = (message: Message, facts: WhyFacts): Omit<Why, "canDo"> => {
  const { status } = message;
  if (status === "PENDING" || status === "QUEUED") return waiting(message, facts);
  if (status === "PROCESSING") return processing(message, facts);
  if (isTerminal(status))
    return { why: ended(message, facts.now), next: "Nothing: the message has ended." };
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
  const canDo = actions.filter(isPossible(message, facts.now));
  return { ...said(message, facts), canDo };
};

import type { Attempt, AttemptView } from "../../domain/attempt.ts";
import type { Message } from "../../domain/message.ts";
import { type Actor, currentActor } from "./actor.ts";
import type { Chronicle } from "./chronicle.ts";
import { nextBetween, type Rules, rulesOf, type Wishes } from "./rules.ts";

/** What a worker got back from a target; no status: nothing in time. */
export type Heard = {
  readonly status?: number;
  readonly class: string;
  readonly retryAfter?: string;
};

/** When a worker heard it, by the clock of the run; who, and what had befallen it by then. */
type Hearing = Heard & { readonly at: number; readonly by: Actor; readonly faults: number };

/** What is known of a message, until another one comes under its id. */
type Life = {
  rules: Rules;
  readonly heard: Map<number, Hearing>;
  /** The attempts whose failure is in the history, and those that their holder settled. */
  readonly recorded: Set<number>;
  readonly settled: Set<number>;
  /** The attempt that its sender wanted at once, whatever the wait before it. */
  sentNow?: number;
  /** The retry that its holder has seen to, by when it may begin, and since when it waits. */
  next?: { readonly attempt: number; readonly by: number; readonly since: number } | undefined;
};

type Deps = {
  readonly chronicle: Chronicle;
  readonly now: () => number;
  readonly clockMarginMs: number;
  /** How long a worker may be busy with another message, and how long one that is stuck. */
  readonly busyMsMax: number;
  readonly stuckMsMax: number;
  readonly configuredMs: readonly number[];
  /** What was asked for a message that is submitted now. */
  readonly wishesOf: (messageId: string) => Wishes;
};

/** The queue counts in whole seconds, and calls take some milliseconds each. */
const roundingMs = 2000;

const isAccepted = ({ status = 0 }: Heard): boolean => status >= 200 && status < 300;
const hasEnded = ({ status }: Message): boolean =>
  status === "COMPLETED" || status === "FAILED" || status === "CANCELLED";

/**
 * Holds what is done with a message against what its sender was told of retries: when the next
 * attempt may begin, when there is none any more, and that what was heard is said.
 */
export const policyFrom = ({ chronicle, now, wishesOf, ...limits }: Deps) => {
  const { clockMarginMs, busyMsMax, stuckMsMax, configuredMs } = limits;
  const lives = new Map<string, Life>();

  const violate = (messageId: string, what: string): void =>
    chronicle.violate({ invariant: "by-the-rules", what, message: messageId });

  const begin = (message: Message): void => {
    const { messageId, createdAt, attemptsAllowed, giveUpAt } = message;
    const rules = rulesOf(wishesOf(messageId), { createdAt, configuredMs });
    lives.set(messageId, { rules, heard: new Map(), recorded: new Set(), settled: new Set() });
    if (attemptsAllowed !== rules.attemptsMax || giveUpAt !== rules.giveUpAt)
      violate(messageId, `${attemptsAllowed} attempts until ${giveUpAt}: not what was asked for`);
  };

  /** What must come of an attempt that was answered so, besides another one. */
  const judgeEnd = (life: Life, after: Message, hearing: Hearing | undefined): void => {
    const { messageId, attempts, failReason, status } = after;
    const { attemptsMax } = life.rules;
    const said = hearing?.status ?? hearing?.class ?? "nothing";
    const is = failReason ?? status;
    const mustBe = [
      ...(hearing && isAccepted(hearing) ? ["COMPLETED"] : []),
      ...(hearing?.status === 410 ? ["gone"] : []),
    ];
    const mayBe = [
      "attempts-exhausted",
      "too-late",
      ...(attempts < attemptsMax ? ["PENDING", "CANCELLED"] : []),
    ];
    if (!(mustBe.length > 0 ? mustBe : mayBe).includes(is))
      violate(messageId, `${is} after attempt ${attempts} of ${attemptsMax} brought ${said}`);
  };

  /** When the next attempt may begin, and whether that is still in time. */
  const judgeNext = (life: Life, before: Message, after: Message, hearing?: Hearing): void => {
    const { messageId, attempts, notBefore = 0, failReason, status } = after;
    const { giveUpAt } = life.rules;
    const { skewMs } = currentActor();
    const written = now() + skewMs;
    const next = nextBetween(life.rules, attempts, {
      from: hearing ? hearing.at + skewMs : (before.leaseUntil ?? 0),
      to: hearing ? hearing.at + skewMs : written,
      retryAfter: hearing?.retryAfter,
    });
    if (status === "PENDING" && notBefore < next.from)
      violate(messageId, `attempt ${attempts + 1} is ${next.from - notBefore} ms too soon`);
    if (status === "PENDING" && notBefore > next.to)
      violate(messageId, `attempt ${attempts + 1} is ${notBefore - next.to} ms too late`);
    if (status === "PENDING" && notBefore > giveUpAt)
      violate(messageId, `attempt ${attempts + 1} is to begin after giveUpAt`);
    // Without a request: it was taken up when it was too late for one.
    const isTooLate = next.to > giveUpAt || (!hearing && written > giveUpAt);
    if (failReason === "too-late" && before.status === "PROCESSING" && !isTooLate)
      violate(messageId, `given up although another attempt could begin by ${next.to}`);
    if (hearing?.retryAfter !== undefined) chronicle.count("policy Retry-After");
    chronicle.count(`policy ${failReason ?? status}`);
  };

  /** What is written down of an attempt by its holder must be what it heard. */
  const judgeSaid = ({ messageId, lastOutcome, attempts }: Message, hearing: Hearing): void => {
    const heardClass = isAccepted(hearing) ? "accepted" : hearing.class;
    if (lastOutcome?.class !== heardClass || lastOutcome.status !== hearing.status)
      violate(
        messageId,
        `attempt ${attempts} brought ${hearing.status ?? hearing.class}, and is said to be ${lastOutcome?.class} ${lastOutcome?.status ?? ""}`,
      );
  };

  const judgeLeaving = (life: Life, before: Message, after: Message): void => {
    const { role, name } = currentActor();
    const heard = life.heard.get(before.attempts);
    const hearing = role === "worker" && heard?.by.name === name ? heard : undefined;
    judgeEnd(life, after, hearing);
    judgeNext(life, before, after, hearing);
    if (hearing) judgeSaid(after, hearing);
    const isRetry = hearing !== undefined && after.status === "PENDING";
    const since = now();
    const by = Math.max(since, after.notBefore ?? 0);
    life.next = isRetry ? { attempt: after.attempts + 1, by, since } : undefined;
    if (role === "worker") life.settled.add(before.attempts);
  };

  /** Where nothing has broken for long enough, a retry begins when it may. */
  const judgeLateness = ({ next }: Life, messageId: string, attempt: number): void => {
    if (next?.attempt !== attempt || chronicle.lastFaultAt() + stuckMsMax > next.since) return;
    chronicle.count("policy undisturbed");
    const lateMs = now() - next.by - busyMsMax - clockMarginMs - roundingMs;
    if (lateMs > 0) violate(messageId, `attempt ${attempt} begins ${lateMs} ms later than it may`);
  };

  return {
    wrote: (before: Message | undefined, after: Message | undefined): void => {
      if (!after) return;
      if (before?.submitId !== after.submitId) {
        begin(after);
        return;
      }
      const life = lives.get(after.messageId);
      if (!life) return;
      if (hasEnded(after)) life.next = undefined;
      if (hasEnded(before) && !hasEnded(after)) {
        const { attemptsAllowed: attemptsMax, attempts: attemptsBefore, giveUpAt } = after;
        life.rules = { ...life.rules, attemptsMax, attemptsBefore, giveUpAt };
      }
      const isEarlier = (after.notBefore ?? 0) < (before.notBefore ?? 0);
      if (currentActor().role === "sender" && isEarlier) life.sentNow = after.attempts + 1;
      if (before.status === "PROCESSING" && after.status !== "PROCESSING")
        judgeLeaving(life, before, after);
    },

    /** An attempt is in the history now. */
    recorded: ({ messageId, number }: Attempt): void => {
      lives.get(messageId)?.recorded.add(number);
    },

    /** A request begins: not before the wait is over, nor after its sender has given up. */
    requested: (messageId: string, attempt: number): void => {
      const life = lives.get(messageId);
      if (!life) return;
      const { rules, heard } = life;
      const lateMs = now() - rules.giveUpAt - clockMarginMs;
      if (lateMs > 0) violate(messageId, `attempt ${attempt} begins ${lateMs} ms after giveUpAt`);
      judgeLateness(life, messageId, attempt);
      const last = heard.get(attempt - 1);
      if (!last || attempt - 1 <= rules.attemptsBefore || attempt === life.sentNow) return;
      // The one before may have been taken from its holder: then it is the end of its lease that counts.
      if (!life.settled.has(attempt - 1)) return;
      const { retryAfter } = last;
      const { from } = nextBetween(rules, attempt - 1, { from: last.at, to: last.at, retryAfter });
      const earlyMs = from - now() - clockMarginMs;
      if (earlyMs > 0) violate(messageId, `attempt ${attempt} begins ${earlyMs} ms too soon`);
    },

    heard: (messageId: string, attempt: number, heard: Heard): void => {
      const by = currentActor();
      lives.get(messageId)?.heard.set(attempt, { ...heard, at: now(), by, faults: by.faults });
    },

    /** What the history says at the end: what somebody could write down is known. */
    found: (message: Message, views: readonly AttemptView[]): void => {
      const { messageId, lastOutcome, ttl } = message;
      const life = lives.get(messageId);
      // Of one that has expired, some may be gone already.
      if (!life || ttl * 1000 <= now()) return;
      for (const { number, outcome, status } of views) {
        const hearing = life.heard.get(number);
        const isUnhindered = hearing?.by.hasEnded === true && hearing.by.faults === hearing.faults;
        const isKept = lastOutcome?.attempt === number && life.settled.has(number);
        if (outcome === "unknown" && (life.recorded.has(number) || isUnhindered || isKept))
          violate(messageId, `attempt ${number} is unknown, and brought ${hearing?.status}`);
        const isOther = hearing && outcome !== "unknown" && hearing.status !== status;
        if (isOther) violate(messageId, `attempt ${number} brought ${hearing.status}: ${status}`);
        chronicle.count(`policy ${outcome}`);
      }
    },
  };
};
export type Policy = ReturnType<typeof policyFrom>;

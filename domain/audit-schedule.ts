import { type Audited, type Rule, spanText, timeText } from "./audit-rule.ts";
import { isTerminal } from "./message.ts";
import { dueAfterLease, lookAheadMsMax } from "./schedule.ts";

/** The maximum of `POSTRIDER_LEASE_MS`. */
export const leaseMsMax = 3_600_000;

const isReadShard = (shard: string, shards: number): boolean =>
  /^(0|[1-9]\d{0,3})$/.test(shard) && Number(shard) < shards;

const isAlive = ({ message }: Audited): boolean => !isTerminal(message.status);
const isHeld = ({ message }: Audited): boolean => message.status === "PROCESSING";

/** Rules about who acts on a message next, and when. */
export const scheduleRules = [
  {
    id: "not-due",
    wrong:
      "The message has not ended, and is not in the due index: the dispatcher never checks it.",
    remedy: "Set dueAt to now (epoch ms) and dueShard to its senderShard.",
    evidence: (audited) => {
      const { status, dueAt, dueShard } = audited.message;
      const missing = [
        ...(dueAt === undefined ? ["dueAt"] : []),
        ...(dueShard === undefined ? ["dueShard"] : []),
      ];
      return isAlive(audited) && missing.length > 0
        ? `${status} without ${missing.join(" and ")}`
        : undefined;
    },
  },
  {
    id: "due-after-end",
    wrong: "The message has ended, and still has a time for a check or an attempt.",
    remedy: "Remove dueAt, dueShard and notBefore.",
    evidence: (audited) => {
      const { status, dueAt, dueShard, notBefore } = audited.message;
      const left = Object.entries({ dueAt, dueShard, notBefore }).filter(([, value]) => value);
      return isAlive(audited) || left.length === 0
        ? undefined
        : `${status} with ${left.map(([name]) => name).join(", ")}`;
    },
  },
  {
    id: "unread-shard",
    wrong: "The message is in a shard of the due index that the dispatcher does not read.",
    remedy:
      "If POSTRIDER_SHARDS was lowered, raise it again. If not, set dueShard to its senderShard.",
    evidence: (audited) => {
      const { dueShard } = audited.message;
      const { shards } = audited.facts;
      return isAlive(audited) && dueShard !== undefined && !isReadShard(dueShard, shards)
        ? `dueShard is ${JSON.stringify(dueShard)}, and 0 to ${shards - 1} are read`
        : undefined;
    },
  },
  {
    id: "no-start",
    wrong: "The message has no time for its next attempt, so no worker can claim it.",
    remedy: "Set notBefore to now (epoch ms).",
    evidence: (audited) =>
      isAlive(audited) && audited.message.notBefore === undefined
        ? `${audited.message.status} without notBefore`
        : undefined,
  },
  {
    id: "no-lease",
    wrong: "The message is PROCESSING without a lease.",
    remedy: "Set leaseUntil and dueAt to now (epoch ms): the dispatcher then releases it.",
    evidence: (audited) =>
      isHeld(audited) && audited.message.leaseUntil === undefined
        ? "PROCESSING without leaseUntil"
        : undefined,
  },
  {
    id: "lease-too-long",
    wrong: "The lease of the message is longer than any lease may be.",
    remedy: "Set leaseUntil and dueAt to now (epoch ms): the dispatcher then releases it.",
    evidence: (audited) => {
      const { leaseUntil = 0 } = audited.message;
      const { now, clockMarginMs } = audited.facts;
      return isHeld(audited) && leaseUntil > now + leaseMsMax + clockMarginMs
        ? `held until ${timeText(leaseUntil)}`
        : undefined;
    },
  },
  {
    id: "check-too-late",
    wrong: "The next check of the message is later than any check may be.",
    remedy: "Set dueAt to now (epoch ms).",
    unless: ["lease-too-long"],
    evidence: (audited) => {
      const { status, dueAt = 0, notBefore = 0 } = audited.message;
      const { now, graceMs, clockMarginMs } = audited.facts;
      const latest = Math.max(now, notBefore) + lookAheadMsMax + graceMs + clockMarginMs;
      return isAlive(audited) && dueAt > latest
        ? `${status}, next check at ${timeText(dueAt)}`
        : undefined;
    },
  },
  {
    id: "holder-gone",
    wrong: "The lease is over, and the next check of the message is far ahead: its worker is gone.",
    remedy: "Set dueAt to now (epoch ms). If POSTRIDER_GRACE_MS is set, pass its value as --grace.",
    unless: ["check-too-late"],
    evidence: (audited) => {
      const { dueAt = 0, leaseUntil } = audited.message;
      const { now, graceMs, clockMarginMs } = audited.facts;
      if (!isHeld(audited) || leaseUntil === undefined) return undefined;
      const overAt = dueAfterLease(leaseUntil, clockMarginMs);
      return overAt < now && dueAt > overAt + graceMs && dueAt > now
        ? `lease over since ${timeText(leaseUntil)}, next check at ${timeText(dueAt)}`
        : undefined;
    },
  },
  {
    id: "alive-past-ttl",
    wrong:
      "The message has not ended, and its ttl is over: it counts as absent, and will be removed.",
    remedy:
      "It is not delivered: have its sender submit it again. If it happens again, report a bug.",
    evidence: (audited) => {
      const { status, ttl } = audited.message;
      return isAlive(audited) && ttl !== undefined && ttl * 1000 <= audited.facts.now
        ? `${status}, ttl was over at ${timeText(ttl * 1000)}`
        : undefined;
    },
  },
  {
    id: "quarantined",
    wrong: "The message is marked as quarantined, and nothing is wrong with it any more.",
    remedy: "It was repaired. Set dueAt to now (epoch ms) to have it delivered at once.",
    unless: [
      "key-mismatch",
      "due-after-end",
      "no-start",
      "no-lease",
      "lease-too-long",
      "alive-past-ttl",
    ],
    evidence: ({ message: { status, quarantinedAt } }) =>
      quarantinedAt === undefined
        ? undefined
        : `${status}, in quarantine since ${timeText(quarantinedAt)}`,
  },
  {
    id: "overdue",
    wrong: "The dispatcher should have checked the message long ago.",
    remedy:
      "Check that the dispatcher runs and keeps up: see the guide to operating, under Behind. In a backlog this goes away by itself.",
    unless: ["unread-shard", "alive-past-ttl"],
    evidence: (audited) => {
      const { status, dueAt } = audited.message;
      const { now, lateMs } = audited.facts;
      return isAlive(audited) && dueAt !== undefined && dueAt + lateMs < now
        ? `${status}, ${spanText(now - dueAt)} late`
        : undefined;
    },
  },
  {
    id: "past-give-up",
    wrong: "The message has not ended, though its giveUpAt is long past.",
    remedy:
      "Check that workers run and keep up: its next attempt ends it. If it stays, report a bug.",
    unless: ["alive-past-ttl"],
    evidence: (audited) => {
      const { status, giveUpAt } = audited.message;
      const { now, lateMs } = audited.facts;
      const overMs = now - giveUpAt;
      return isAlive(audited) && overMs > lookAheadMsMax + lateMs
        ? `${status}, giveUpAt was ${spanText(overMs)} ago`
        : undefined;
    },
  },
  {
    id: "starts-too-late",
    wrong: "The next attempt may not begin before giveUpAt.",
    remedy: "Set notBefore to the time of the attempt, before giveUpAt.",
    unless: ["past-give-up"],
    evidence: (audited) => {
      const { notBefore = 0, giveUpAt } = audited.message;
      return isAlive(audited) && notBefore > giveUpAt && notBefore > audited.facts.now
        ? `notBefore ${timeText(notBefore)}, giveUpAt ${timeText(giveUpAt)}`
        : undefined;
    },
  },
] as const satisfies readonly Rule<Audited>[];

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
    wrong: "The message has not ended and is not in the due index: nobody looks after it.",
    remedy:
      "Set dueAt to the present time (epoch ms) and dueShard to its senderShard; the dispatcher then takes it up.",
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
    wrong: "The message has ended and still has a time to be looked at.",
    remedy: "Remove dueAt, dueShard and notBefore from the item.",
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
      "If POSTRIDER_SHARDS was lowered, raise it again. If not, set dueShard of the item to its senderShard.",
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
    wrong: "The message has no time from which it may be tried, so no worker can claim it.",
    remedy: "Set notBefore to the present time (epoch ms).",
    evidence: (audited) =>
      isAlive(audited) && audited.message.notBefore === undefined
        ? `${audited.message.status} without notBefore`
        : undefined,
  },
  {
    id: "no-lease",
    wrong: "The message is PROCESSING and nobody holds it for any time.",
    remedy:
      "Set leaseUntil to the present time (epoch ms) and dueAt to the same; the dispatcher then releases it.",
    evidence: (audited) =>
      isHeld(audited) && audited.message.leaseUntil === undefined
        ? "PROCESSING without leaseUntil"
        : undefined,
  },
  {
    id: "lease-too-long",
    wrong: "The message is held for longer than any lease lasts.",
    remedy:
      "Set leaseUntil and dueAt to the present time (epoch ms); the dispatcher then releases it.",
    evidence: (audited) => {
      const { leaseUntil = 0 } = audited.message;
      const { now, clockMarginMs } = audited.facts;
      return isHeld(audited) && leaseUntil > now + leaseMsMax + clockMarginMs
        ? `held until ${timeText(leaseUntil)}`
        : undefined;
    },
  },
  {
    id: "look-too-late",
    wrong: "The dispatcher looks at the message later than it may ever put off a look.",
    remedy: "Set dueAt to the present time (epoch ms).",
    unless: ["lease-too-long"],
    evidence: (audited) => {
      const { status, dueAt = 0, notBefore = 0 } = audited.message;
      const { now, graceMs, clockMarginMs } = audited.facts;
      const latest = Math.max(now, notBefore) + lookAheadMsMax + graceMs + clockMarginMs;
      return isAlive(audited) && dueAt > latest
        ? `${status}, next look at ${timeText(dueAt)}`
        : undefined;
    },
  },
  {
    id: "holder-gone",
    wrong: "Its worker is gone, and the dispatcher does not look at the message for long.",
    remedy:
      "Set dueAt to the present time (epoch ms). If POSTRIDER_GRACE_MS is set, give its value as --grace.",
    unless: ["look-too-late"],
    evidence: (audited) => {
      const { dueAt = 0, leaseUntil } = audited.message;
      const { now, graceMs, clockMarginMs } = audited.facts;
      if (!isHeld(audited) || leaseUntil === undefined) return undefined;
      const overAt = dueAfterLease(leaseUntil, clockMarginMs);
      return overAt < now && dueAt > overAt + graceMs && dueAt > now
        ? `lease over since ${timeText(leaseUntil)}, next look at ${timeText(dueAt)}`
        : undefined;
    },
  },
  {
    id: "alive-past-ttl",
    wrong: "The message has not ended and its ttl is over: it counts as gone, and will be removed.",
    remedy:
      "Nobody delivers it. Have its sender submit it again. If it happens more than once, report it as a bug.",
    evidence: (audited) => {
      const { status, ttl } = audited.message;
      return isAlive(audited) && ttl !== undefined && ttl * 1000 <= audited.facts.now
        ? `${status}, ttl was over at ${timeText(ttl * 1000)}`
        : undefined;
    },
  },
  {
    id: "quarantined",
    wrong: "The dispatcher has put the message aside, and no reason for that is left.",
    remedy:
      "Somebody has mended it. Set dueAt to the present time (epoch ms) to have it tried at once.",
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
    wrong: "The dispatcher should have looked at the message long ago.",
    remedy:
      "See that the dispatcher runs and keeps up: the guide to operating, under Behind. During a backlog this goes away by itself.",
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
    wrong: "The message has not ended though its last moment is long over.",
    remedy:
      "See that workers run and keep up. Its next attempt ends it. If it stays, report it as a bug.",
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
    wrong: "The next attempt may begin only after the last moment of the message.",
    remedy: "Set notBefore to the time at which it should be tried, before its giveUpAt.",
    unless: ["past-give-up"],
    evidence: (audited) => {
      const { notBefore = 0, giveUpAt } = audited.message;
      return isAlive(audited) && notBefore > giveUpAt && notBefore > audited.facts.now
        ? `notBefore ${timeText(notBefore)}, giveUpAt ${timeText(giveUpAt)}`
        : undefined;
    },
  },
] as const satisfies readonly Rule<Audited>[];

import { isTerminal, type Message, statuses } from "../../domain/message.ts";
import type { Past } from "../invariants/past.ts";
import { attemptsMax, type Config, namesOf, rolesOf } from "./config.ts";
import { bytesOfJobs, isAtRest, jobBytesOf, jobsFrom } from "./job-key.ts";
import {
  dueAts,
  giveUpAt,
  gone,
  isLeaseOver,
  type Lateness,
  latenessOf,
  leaseUntils,
  notBefores,
  now,
  type Ripeness,
  ripenessOf,
  ttl,
} from "./moments.ts";
import { type Actor, content, key, outcomes, points, type State } from "./state.ts";

const latenesses = Object.keys(dueAts) as readonly Lateness[];
const ripenesses = Object.keys(notBefores) as readonly Ripeness[];
const unlimited = 255;
/** Whom nobody can be any more: a process that died, a piece of work that is over. */
const nobody = "nobody";

const bit = (isSet: boolean, position: number): number => (isSet ? 1 << position : 0);
const has = (bits: number, position: number): boolean => (bits & (1 << position)) !== 0;

/**
 * Turns states into short strings and back, and so decides which states are the same: those that
 * no condition, decision or promise can tell apart. What nobody reads is not in the string, a time
 * is how it lies to now, a token is who still has it in hand, and what is remembered of an attempt
 * is forgotten once nobody can refer to it.
 */
export const keysFor = (config: Config) => {
  const names = namesOf(rolesOf(config));
  const count = attemptsMax(config);
  const tokens: readonly string[] = [nobody, ...names];
  const jobBytes = jobBytesOf(config);
  // A run of a job remembers more.
  const actorBytes = jobBytes > 0 ? 4 : 3;

  /** 0: none; 1: nobody; else who has it in hand. */
  const tokenOf = (token: string | undefined, actors: readonly Actor[]): number => {
    if (token === undefined) return 0;
    const index = names.indexOf(token);
    const at = actors[index]?.at ?? "idle";
    return at === "idle" || at === "done" ? 1 : index + 2;
  };

  // One buffer for all: strings are made of it by the million.
  const bytes = Buffer.alloc(256);
  let length = 0;
  const add = (byte: number): void => {
    bytes[length] = byte;
    length += 1;
  };

  const addMessage = (message: Message, actors: readonly Actor[]): void => {
    const { status, notBefore, dueAt, leaseUntil } = message;
    const ripeness = notBefore === undefined ? 0 : 1 + ripenesses.indexOf(ripenessOf(notBefore));
    // Only of a record that is on the queue does anybody ask whether it is overdue.
    const ripe = 1 + ripenesses.indexOf("ripe");
    add(
      (1 + statuses.indexOf(status)) |
        bit(message.cancelRequestedAt !== undefined, 3) |
        bit(message.dueShard !== undefined, 4) |
        bit(message.failedShard !== undefined, 5) |
        bit(message.erasedAt !== undefined, 6),
    );
    add(
      (status === "QUEUED" ? ripeness : Math.min(ripeness, ripe)) |
        ((dueAt === undefined ? 0 : 1 + latenesses.indexOf(latenessOf(dueAt))) << 3) |
        ((leaseUntil === undefined ? 0 : isLeaseOver(leaseUntil) ? 2 : 1) << 5),
    );
    add(message.attempts | (message.attemptsAllowed << 3));
    add(message.attemptsBefore | (message.replays << 3));
    add(tokenOf(message.owner, actors) | (tokenOf(message.submitId, actors) << 4));
  };

  const addActor = (actor: Actor, message: Message | undefined): void => {
    add(
      points.indexOf(actor.at) |
        // What was seen matters only as far as it is what is there: what is gone never comes back.
        bit(actor.notBefore !== undefined, 5) |
        bit(actor.notBefore !== undefined && actor.notBefore === message?.notBefore, 6),
    );
    add(
      actor.attempts |
        (actor.record << 3) |
        bit(actor.dueAt !== undefined, 6) |
        bit(actor.dueAt !== undefined && actor.dueAt === message?.dueAt, 7),
    );
    add(actor.allowed | (outcomes.indexOf(actor.heard) << 3) | (actor.replays << 5));
    if (actorBytes > 3) add((actor.missed ?? 0) | bit(actor.isHit === true, 2));
  };

  const addPast = (past: Past, { message, actors }: Pick<State, "message" | "actors">): void => {
    const current = message?.attempts ?? 0;
    const wasRequested = Object.keys(past.requests).length > 0;
    add(
      (past.accepted ?? 0) |
        bit(past.isDisturbed, 3) |
        bit(past.isRecordLost, 4) |
        bit(past.isClockBroken, 5) |
        bit(wasRequested, 6) |
        bit(past.isFrozen, 7),
    );
    for (let attempt = 1; attempt <= count; attempt += 1) {
      const isHeld = actors.some(({ at, attempts }) => attempts === attempt && at !== "idle");
      const isAlive = attempt === current && message?.status === "PROCESSING";
      const answer = past.answers[attempt];
      add(
        attempt <= current && !isHeld && !isAlive
          ? 0
          : tokenOf(past.holders[attempt], actors) |
              bit((past.requests[attempt] ?? 0) > 0, 4) |
              ((answer === undefined ? 0 : answer < 300 ? 1 : 2) << 5),
      );
    }
  };
  const encode = (state: State): string => {
    const { message, actors, queue, faults, cancels, jobs, jobChanges, past } = state;
    // A record that waits for a time that has come, or is nobody's any more, waits no longer.
    const ripeness = message?.notBefore === undefined ? "ripe" : ripenessOf(message.notBefore);
    const isWaiting = ripeness === "far" || ripeness === "waiting" || ripeness === "soon";
    length = 0;
    add(faults === Number.POSITIVE_INFINITY ? unlimited : faults);
    add(cancels);
    for (let attempt = 1; attempt <= count + 1; attempt += 1) {
      const { ready = 0, delayed = 0 } = queue[attempt] ?? {};
      // Copies that are the same are told apart up to two; those of an attempt that is over
      // already, not at all.
      const max = attempt <= (message?.attempts ?? 0) ? 1 : 2;
      add(
        isWaiting
          ? Math.min(max, ready) | (Math.min(max, delayed) << 2)
          : Math.min(max, ready + delayed),
      );
    }
    addPast(past, { message, actors });
    for (const actor of actors) addActor(actor, message);
    for (const byte of bytesOfJobs(jobs, jobChanges, past.jobs)) add(byte);
    if (message) addMessage(message, actors);
    else add(0);
    return bytes.toString("latin1", 0, length);
  };

  const decodeMessage = (code: (index: number) => number): Message | undefined => {
    const [one, two, three, four, five] = [code(0), code(1), code(2), code(3), code(4)];
    const status = statuses[(one & 7) - 1];
    if (!status) return undefined;
    const ripeness = ripenesses[(two & 7) - 1];
    const lateness = latenesses[((two >> 3) & 3) - 1];
    const lease = (two >> 5) & 3;
    return {
      ...key,
      status,
      attempts: three & 7,
      attemptsAllowed: three >> 3,
      attemptsBefore: four & 7,
      replays: four >> 3,
      notBefore: ripeness && notBefores[ripeness],
      dueAt: lateness && dueAts[lateness],
      dueShard: has(one, 4) ? "0" : undefined,
      failedShard: has(one, 5) ? "shop#0" : undefined,
      cancelRequestedAt: has(one, 3) ? now : undefined,
      ...(has(one, 6) ? { erasedAt: now, payload: true } : { headers: {} }),
      leaseUntil: lease === 0 ? undefined : lease === 2 ? leaseUntils.over : leaseUntils.live,
      owner: tokens[(five & 15) - 1],
      submitId: tokens[(five >> 4) - 1] ?? nobody,
      giveUpAt,
      ttl,
    } as Message;
  };

  const decodeActor = (
    [one, two, three, four]: readonly [number, number, number, number],
    message: Message | undefined,
  ): Actor => ({
    at: points[one & 31] ?? "idle",
    attempts: two & 7,
    record: (two >> 3) & 7,
    allowed: three & 7,
    heard: outcomes[(three >> 3) & 3] ?? "none",
    replays: three >> 5,
    notBefore: has(one, 5) ? (has(one, 6) ? message?.notBefore : gone) : undefined,
    dueAt: has(two, 6) ? (has(two, 7) ? message?.dueAt : gone) : undefined,
    ...(actorBytes > 3 && { missed: four & 3, isHit: has(four, 2) }),
  });

  const decodePast = (code: (index: number) => number, records: readonly number[]): Past => {
    const flags = code(0);
    const holders: Record<number, string> = {};
    const requests: Record<number, number> = has(flags, 6) ? { 0: 1 } : {};
    const answers: Record<number, number> = {};
    for (let attempt = 1; attempt <= count; attempt += 1) {
      const bits = code(attempt);
      const holder = tokens[(bits & 15) - 1];
      if (holder) holders[attempt] = holder;
      if (has(bits, 4)) requests[attempt] = 1;
      if (bits >> 5 !== 0) answers[attempt] = bits >> 5 === 1 ? 200 : 503;
    }
    return {
      asked: [content],
      holders,
      requests,
      answers,
      accepted: (flags & 7) === 0 ? undefined : flags & 7,
      isDisturbed: has(flags, 3),
      records: { ...records },
      isRecordLost: has(flags, 4),
      isClockBroken: has(flags, 5),
      isFrozen: has(flags, 7),
    };
  };

  const decode = (text: string): State => {
    const pastAt = 2 + count + 1;
    const actorsAt = pastAt + 1 + count;
    const jobsAt = actorsAt + actorBytes * names.length;
    const messageAt = jobsAt + jobBytes;
    const from = (start: number) => (index: number) => text.charCodeAt(start + index);
    const message = decodeMessage(from(messageAt));
    const actors = names.map((_, index) => {
      const code = from(actorsAt + actorBytes * index);
      return decodeActor([code(0), code(1), code(2), code(3)], message);
    });
    const queue = Array.from({ length: count + 2 }, (_, attempt) => {
      const bits = attempt === 0 ? 0 : text.charCodeAt(1 + attempt);
      return { ready: bits & 3, delayed: bits >> 2 };
    });
    const records = queue.map(
      ({ ready, delayed }, attempt) =>
        ready + delayed + (attempt && actors.filter(({ record }) => record === attempt).length),
    );
    const faults = text.charCodeAt(0);
    const { jobs, jobChanges, pasts } = jobsFrom(config.jobs, from(jobsAt));
    return {
      message: message && { ...message },
      actors,
      queue,
      faults: faults === unlimited ? Number.POSITIVE_INFINITY : faults,
      cancels: text.charCodeAt(1),
      ...{ jobs, jobChanges },
      past: {
        ...decodePast(from(pastAt), records),
        stored: message,
        ...(config.jobs > 0 && { jobs: pasts }),
      },
    };
  };

  /** Whether the message and the jobs of a state have ended, without decoding it. */
  const hasEnded = (text: string): boolean => {
    const jobsAt = text.length - 5 - jobBytes;
    const { jobs } = jobsFrom(config.jobs, (index) => text.charCodeAt(jobsAt + index));
    if (!jobs.every(isAtRest)) return false;
    const code = text.charCodeAt(text.length - 5);
    const status = statuses[(code & 7) - 1];
    return isMessageThere(text) && status !== undefined && isTerminal(status);
  };
  const isMessageThere = (text: string): boolean =>
    text.length === 2 + count + 1 + 1 + count + actorBytes * names.length + jobBytes + 5;

  return { encode, decode, hasEnded, isMessageThere };
};

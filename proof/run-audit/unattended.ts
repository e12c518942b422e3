import type { LogLine } from "../edition/edition-process.ts";
import type { RunEvent } from "../edition/log.ts";
import { nameOf } from "../invariants/judge.ts";

/** One check of a message by the dispatcher, as the edition's log reports it. */
export type Look = {
  readonly message: string;
  readonly attempt: number;
  /** It found a lost holder, and released the message. */
  readonly isRelease: boolean;
  /** When the dispatcher began to read the page of the message. Epoch milliseconds. */
  readonly since: number;
  /** When it was logged: all acts of a page are, when the last of them is done. */
  readonly at: number;
};

/**
 * Returns the act of the dispatcher that a line of the edition's log reports, if it reports one.
 */
export const lookOf = (line: LogLine): Look | undefined => {
  const { message, senderId, messageId, act, attempts, durationMs, timestamp } = line;
  if (message !== "dispatch" || senderId === undefined || messageId === undefined) return undefined;
  const at = Date.parse(String(timestamp));
  return {
    message: nameOf({ senderId, messageId }),
    attempt: Number(attempts),
    isRelease: String(act).startsWith("release"),
    since: at - Number(durationMs),
    at,
  };
};

/** When an edition ran: from when it was ready until it was killed; to infinity if it was not. */
export type Running = { readonly since: number; readonly until: number };

/** How long messages of lost holders were left alone. Durations in milliseconds. */
export type Unattended = {
  /** How many releases could be measured: the target had got a request of their attempt. */
  readonly measured: number;
  /** From the end of a lease to its release, at most: with the time in which no edition ran. */
  readonly longestMs: number;
  /** The longest part of it in which an edition ran and its dispatcher looked at nothing at all. */
  readonly longestIdleMs: number;
  /** The release to which that belongs. */
  readonly latest?: Look;
};

/** Returns the longest time between two moments in which there was none of these looks, which are in order. */
const longestIdle = (looks: readonly Look[], from: number, to: number): number => {
  let [busyUntil, longestMs] = [from, 0];
  for (const { since, at } of looks) {
    longestMs = Math.max(longestMs, Math.min(since, to) - busyUntil);
    busyUntil = Math.max(busyUntil, at);
  }
  return Math.max(longestMs, to - busyUntil);
};

/**
 * Returns the part of a run that its log tells of. A kill takes the lines of the pages at work, so
 * that after the last line of a killed edition it is not known what its dispatcher looked at.
 */
const toldOf = ({ since, until }: Running, looks: readonly Look[]): Running => {
  if (until === Number.POSITIVE_INFINITY) return { since, until };
  const logged = looks.flatMap(({ at }) => (since < at && at <= until ? [at] : []));
  return { since, until: Math.max(since, ...logged) };
};

/**
 * Measures how long a message was left alone after its holder was lost, by what the target saw and
 * not by what is stored: the claim came before the request, so the lease had ended at the latest
 * when the request is older than a lease.
 *
 * On a busy machine many messages are due, and the dispatcher takes the oldest first. So a message
 * is left alone only while the dispatcher looks at no message at all. It looks at those of a page
 * from when it begins to read them until it logs them, which is seconds where much else is done.
 */
export const unattended = (
  log: readonly RunEvent[],
  looks: readonly Look[],
  runs: readonly Running[],
  { leaseMs, clockMarginMs }: { readonly leaseMs: number; readonly clockMarginMs: number },
): Unattended => {
  const requestedAt = new Map(
    log.flatMap((event) =>
      event.kind === "requested"
        ? [[`${nameOf(event.key)}/${event.attempt}`, event.at] as const]
        : [],
    ),
  );
  const inOrder = looks.toSorted((one, other) => one.since - other.since);
  const told = runs.map((run) => toldOf(run, looks));
  const measured = looks.flatMap((look) => {
    const { message, attempt, at, isRelease } = look;
    const requested = requestedAt.get(`${message}/${attempt}`);
    if (!isRelease || requested === undefined) return [];
    const leaseEnd = requested + leaseMs;
    const from = leaseEnd + clockMarginMs;
    const idleMs = told.map(({ since, until }) =>
      longestIdle(inOrder, Math.max(since, from), Math.min(until, at)),
    );
    return [{ look, afterMs: Math.max(0, at - leaseEnd), idleMs: Math.max(0, ...idleMs) }];
  });
  const latest = measured.toSorted((one, other) => other.idleMs - one.idleMs)[0];
  return {
    measured: measured.length,
    longestMs: Math.max(0, ...measured.map(({ afterMs }) => afterMs)),
    longestIdleMs: latest?.idleMs ?? 0,
    latest: latest?.look,
  };
};

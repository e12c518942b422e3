import type { LogLine } from "../edition/edition-process.ts";
import type { RunEvent } from "../edition/log.ts";
import { nameOf } from "../invariants/judge.ts";

/** One act of the dispatcher, as the edition's log reports it. */
export type Look = {
  readonly message: string;
  readonly attempt: number;
  /** It found a lost holder, and released the message. */
  readonly isRelease: boolean;
  /** Epoch milliseconds. */
  readonly at: number;
};

/**
 * Returns the act of the dispatcher that a line of the edition's log reports, if it reports one.
 */
export const lookOf = (line: LogLine): Look | undefined => {
  const { message, senderId, messageId, act, attempts, timestamp } = line;
  if (message !== "dispatch" || senderId === undefined || messageId === undefined) return undefined;
  return {
    message: nameOf({ senderId, messageId }),
    attempt: Number(attempts),
    isRelease: String(act).startsWith("release"),
    at: Date.parse(String(timestamp)),
  };
};

/** When an edition ran: from when it was ready until it was killed, or ended by itself. */
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

/** The longest time between two of these moments, which are in order. */
const longestGap = (moments: readonly number[]): number =>
  Math.max(0, ...moments.map((moment, index) => moment - (moments[index - 1] ?? moment)));

/**
 * Measures how long a message was left alone after its holder was lost, by what the target saw and
 * not by what is stored: the claim came before the request, so the lease had ended at the latest
 * when the request is older than a lease.
 *
 * On a busy machine many messages are due, and the dispatcher takes the oldest first. So a message
 * is left alone only while the dispatcher looks at no message at all.
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
  const lookedAt = looks.map(({ at }) => at).toSorted((one, other) => one - other);
  const idleIn = (from: number, to: number): number =>
    from < to ? longestGap([from, ...lookedAt.filter((at) => from < at && at < to), to]) : 0;
  const measured = looks.flatMap((look) => {
    const { message, attempt, at, isRelease } = look;
    const requested = requestedAt.get(`${message}/${attempt}`);
    if (!isRelease || requested === undefined) return [];
    const leaseEnd = requested + leaseMs;
    const from = leaseEnd + clockMarginMs;
    const idleMs = runs.map(({ since, until }) =>
      idleIn(Math.max(since, from), Math.min(until, at)),
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

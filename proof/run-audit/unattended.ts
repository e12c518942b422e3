import type { LogLine } from "../edition/edition-process.ts";
import type { RunEvent } from "../edition/log.ts";
import { nameOf } from "../invariants/judge.ts";

/** A lost holder that the dispatcher found: which attempt it released, and when. */
export type Release = {
  readonly message: string;
  readonly attempt: number;
  /** Epoch milliseconds. */
  readonly at: number;
};

/** Returns the release that a line of the edition's log reports, if it reports one. */
export const releaseOf = (line: LogLine): Release | undefined => {
  const { message, senderId, messageId, act, attempts, timestamp } = line;
  const isRelease = message === "dispatch" && String(act).startsWith("release");
  if (!isRelease || senderId === undefined || messageId === undefined) return undefined;
  const at = Date.parse(String(timestamp));
  return { message: nameOf({ senderId, messageId }), attempt: Number(attempts), at };
};

/** How long messages of lost holders were left alone. Durations in milliseconds. */
export type Unattended = {
  /** How many releases could be measured: the target had got a request of their attempt. */
  readonly measured: number;
  /** From the end of a lease to its release, at most. */
  readonly longestMs: number;
  /** The same without the margin for clocks, and without the time in which no edition ran. */
  readonly longestLateMs: number;
};

/**
 * Measures how long a message was left alone after its holder was lost, by what the target saw and
 * not by what is stored: the claim came before the request, so the lease had ended at the latest when
 * the request is older than a lease. `runningSince` are the times at which an edition was ready.
 */
export const unattended = (
  log: readonly RunEvent[],
  releases: readonly Release[],
  runningSince: readonly number[],
  { leaseMs, clockMarginMs }: { readonly leaseMs: number; readonly clockMarginMs: number },
): Unattended => {
  const requestedAt = new Map(
    log.flatMap((event) =>
      event.kind === "requested"
        ? [[`${nameOf(event.key)}/${event.attempt}`, event.at] as const]
        : [],
    ),
  );
  const measured = releases.flatMap(({ message, attempt, at }) => {
    const requested = requestedAt.get(`${message}/${attempt}`);
    if (requested === undefined) return [];
    const leaseEnd = requested + leaseMs;
    const readyAt = Math.max(0, ...runningSince.filter((since) => since <= at));
    const couldAt = Math.max(leaseEnd + clockMarginMs, readyAt);
    return [{ afterMs: Math.max(0, at - leaseEnd), lateMs: Math.max(0, at - couldAt) }];
  });
  return {
    measured: measured.length,
    longestMs: Math.max(0, ...measured.map(({ afterMs }) => afterMs)),
    longestLateMs: Math.max(0, ...measured.map(({ lateMs }) => lateMs)),
  };
};

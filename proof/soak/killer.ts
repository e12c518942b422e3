import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../adapters/clock.ts";
import {
  type EditionOptions,
  type EditionProcess,
  launchEdition,
} from "../edition/edition-process.ts";
import type { EventLog } from "../edition/log.ts";
import type { ReceiverProcess } from "../edition/receiver-process.ts";
import type { Running } from "../run-audit/unattended.ts";

export type Kill = {
  readonly at: number;
  /** What the receiver had read and not yet answered. */
  readonly inFlight: number;
  /** It was not even listening yet. */
  readonly wasStarting: boolean;
};

/** One in so many kills comes while the edition is starting. */
const whileStartingShare = 0.15;
/** How long a kill is put off until there is something to interrupt. */
const loadPatienceMs = 10_000;

/**
 * Kills the edition at moments that the dice choose, and starts it again each time, until it is
 * told to stop. The edition that is running then is its result.
 */
export const killAgainAndAgain = async ({
  edition,
  receiver,
  random,
  clock,
  log,
  waitMs,
  isOver,
  note,
}: {
  readonly edition: EditionOptions;
  readonly receiver: ReceiverProcess;
  readonly random: () => number;
  readonly clock: Clock;
  readonly log: EventLog;
  readonly waitMs: { readonly min: number; readonly max: number };
  readonly isOver: (kills: number) => boolean;
  readonly note: (kills: readonly Kill[]) => void;
}): Promise<{
  readonly running: EditionProcess;
  readonly kills: readonly Kill[];
  /** When each edition ran that was ready before it was killed. */
  readonly runs: readonly Running[];
}> => {
  const kills: Kill[] = [];
  const runs: Running[] = [];
  /** The edition that was launched last, and since when it has listened. */
  let current: { readyAt?: number } = {};
  const launch = async (): Promise<EditionProcess> => {
    // Each has its own, so that what an earlier one says late is not taken for the next one's.
    const mine: { readyAt?: number } = {};
    current = mine;
    const launched = await launchEdition(edition);
    launched.listening.then(
      () => {
        mine.readyAt = clock();
      },
      () => {},
    );
    return launched;
  };
  const ended = (at: number): void => {
    const { readyAt } = current;
    if (readyAt !== undefined) runs.push({ since: readyAt, until: at });
  };

  const inFlightNow = async (): Promise<number> => {
    const end = clock() + loadPatienceMs;
    for (;;) {
      const { inFlight } = await receiver.state();
      if (inFlight > 0 || clock() > end) return inFlight;
      await pause(5);
    }
  };

  let running = await launch();
  for (;;) {
    const wasStarting = random() < whileStartingShare && kills.length > 0;
    if (wasStarting) await pause(random() * 800);
    else {
      await running.listening;
      await pause(waitMs.min + random() * (waitMs.max - waitMs.min));
    }
    if (isOver(kills.length)) break;
    const inFlight = wasStarting ? 0 : await inFlightNow();
    const at = clock();
    log.write({ kind: "fault", what: "crash", at });
    await running.kill();
    ended(at);
    kills.push({ at, inFlight, wasStarting });
    note(kills);
    running = await launch();
    if (isOver(kills.length)) break;
  }
  await running.listening;
  ended(Number.POSITIVE_INFINITY);
  return { running, kills, runs };
};

import { systemClock } from "../../adapters/clock.ts";
import type { AuditFinding } from "../../domain/audit-rule.ts";
import { openLoop } from "../edition/schedule.ts";
import { setStage } from "../edition/stage.ts";
import { auditRun, type RunAudit } from "../run-audit/run-audit.ts";
import { type Unattended, unattended } from "../run-audit/unattended.ts";
import { seeded } from "../seeded.ts";
import { killFacts, killSettings } from "./kill-settings.ts";
import { type Kill, killAgainAndAgain } from "./killer.ts";
import { profiles } from "./profiles.ts";

export type KillOptions = {
  /** A directory of its own, in which everything is left. */
  readonly dir: string;
  readonly ratePerSecond: number;
  readonly seed: number;
  /** Whether to stop, asked before each message and each kill. */
  readonly isOver: (facts: {
    readonly elapsedMs: number;
    readonly kills: number;
    readonly messages: number;
  }) => boolean;
  /** How long the edition is left alone between two kills. */
  readonly waitMs: { readonly min: number; readonly max: number };
  /** How long to wait afterwards until everything has ended, and for an answer at most. */
  readonly patienceMs: number;
  readonly note: (text: string) => void;
};

export type KillRun = {
  readonly audit: RunAudit;
  /** What the product's own audit finds wrong with the table. */
  readonly damage: readonly AuditFinding[];
  readonly kills: readonly Kill[];
  /** How long after the last kill everything had ended, or was not waited for any more. */
  readonly settledAfterMs: number;
  readonly refusals: ReadonlyMap<number, number>;
  readonly unattended: Unattended;
  /** How long the dispatcher may check nothing: an interval, and an allowance for a busy machine. */
  readonly idleMsMax: number;
};

/**
 * How long a busy machine may take to begin a run and its first page. A check that does not follow
 * the lease comes after 15 minutes, or later.
 */
const busyMsMax = 10_000;

/** The attempts that one process makes at a time at most: ten invocations of ten records each. */
export const attemptsAtATime = 100;

const { shares, delayMs } = profiles.kill;

/** Loads a copy of the product, kills it at random, lets it settle, and judges what is left. */
export const killRun = async (options: KillOptions): Promise<KillRun> => {
  const { dir, ratePerSecond, seed, isOver, patienceMs, waitMs, note } = options;
  const clock = systemClock;
  const stage = await setStage({
    dir,
    seed,
    shares,
    delayMs,
    settings: killSettings,
    clock,
    senderPatienceMs: patienceMs,
  });
  const { sender, ends, edition, receiver, faultLog: log } = stage;

  const startedAt = clock();
  let kills: readonly Kill[] = [];
  let messages = 0;
  const isDone = () => isOver({ elapsedMs: clock() - startedAt, kills: kills.length, messages });
  const noteKills = (done: readonly Kill[]): void => {
    kills = done;
    note(`${done.length} kills, ${sender.acknowledged.size} messages acknowledged`);
  };
  const [{ running, runs }] = await Promise.all([
    killAgainAndAgain({
      ...{
        edition,
        receiver,
        random: seeded(seed),
        clock,
        log,
        isOver: isDone,
        waitMs,
        note: noteKills,
      },
    }),
    openLoop({
      ...{ clock, ratePerSecond, isOver: isDone },
      begin: (index, intendedAt) => {
        messages += 1;
        return sender.handOver(stage.messageOf(index, clock()), intendedAt);
      },
    }),
  ]);

  const stoppedAt = clock();
  await ends.allEnded(sender, patienceMs, (left) =>
    note(`no more kills; ${left} of ${sender.acknowledged.size} messages have not ended`),
  );
  const settledAfterMs = clock() - stoppedAt;
  await running.stop();
  const { log: seen, damage } = await stage.strike();
  const audit = auditRun(seen, killFacts, clock());
  return {
    ...{ audit, damage, kills, settledAfterMs, refusals: sender.refusals },
    unattended: unattended(seen, stage.looks, runs, killFacts),
    idleMsMax: killFacts.dispatchIntervalMs + busyMsMax,
  };
};

import { join } from "node:path";
import { systemClock } from "../../adapters/clock.ts";
import type { AuditFinding } from "../../domain/audit-rule.ts";
import { launchEdition } from "../edition/edition-process.ts";
import { openLoop } from "../edition/schedule.ts";
import { setStage } from "../edition/stage.ts";
import { auditRun, type RunAudit } from "../run-audit/run-audit.ts";
import { unbounded } from "./bounds.ts";
import { type Figures, figuresOf } from "./figures.ts";
import { loadFacts, loadSettings, type Profile } from "./profiles.ts";
import { startSampling } from "./samples.ts";

export type LoadRun = {
  readonly audit: RunAudit;
  /** What the product's own audit finds wrong with the table. */
  readonly damage: readonly AuditFinding[];
  readonly figures: Figures;
  /** What grew beyond its bounds, or did not end. */
  readonly faults: readonly string[];
  readonly refusals: ReadonlyMap<number, number>;
};

/** The edition without its workers; quoted, for a shell starts it. */
const withoutWorkers = `exec node '${join(import.meta.dirname, "../edition/without-workers.ts")}'`;

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** Puts a load on the edition, waits until everything has ended, and judges and measures it. */
export const loadRun = async (
  profile: Profile,
  options: {
    readonly dir: string;
    readonly seed: number;
    /** How long to wait afterwards until everything has ended. */
    readonly patienceMs: number;
    readonly note: (text: string) => void;
  },
): Promise<LoadRun> => {
  const { dir, seed, patienceMs, note } = options;
  const { shares, delayMs, ratePerSecond, minutes, countMax, trouble } = profile;
  const clock = systemClock;
  const stage = await setStage({
    dir,
    seed,
    shares,
    delayMs,
    settings: loadSettings,
    clock,
    senderPatienceMs: patienceMs,
  });
  const { sender, ends, edition, url } = stage;
  const isOutage = trouble === "no-workers";
  const command = isOutage ? withoutWorkers : undefined;

  let running = await launchEdition({ ...edition, command });
  await running.listening;
  const backlog = () => ends.left(sender).length;
  const sampleIt = () => startSampling({ url, pid: running.pid, clock, backlog });
  let sampling = sampleIt();
  const startedAt = clock();
  let handedOver = 0;
  await openLoop({
    ...{ clock, ratePerSecond },
    isOver: (count) => count >= countMax || clock() - startedAt > minutes * 60_000,
    begin: async (index, intendedAt) => {
      await sender.handOver(stage.messageOf(index, clock()), intendedAt);
      handedOver += 1;
      if (handedOver % 500 === 0) note(`${handedOver} messages acknowledged, ${backlog()} to go`);
    },
  });
  const lastedMinutes = (clock() - startedAt) / 60_000;

  if (isOutage) {
    await sampling.stop();
    await running.stop();
    note(`${backlog()} messages are waiting; now with workers`);
    running = await launchEdition(edition);
    await running.listening;
    sampling = sampleIt();
  }
  await ends.allEnded(sender, patienceMs, (left) => note(`no more messages; ${left} to go`));
  const samples = await sampling.stop();
  await running.stop();

  const { log, damage } = await stage.strike();
  const audit = auditRun(log, loadFacts, clock());
  const figures = figuresOf(log, samples);
  // Each attempt fails by the same share, and the next one is as likely to.
  const expectedRequests = 1 / (1 - sum(Object.values(shares)));
  const faults = unbounded(figures, audit, { minutes: lastedMinutes, expectedRequests });
  return { audit, damage, figures, faults, refusals: sender.refusals };
};

import type { Clock } from "../../adapters/clock.ts";
import { judgeStored } from "../../domain/audit.ts";
import type { AuditFinding } from "../../domain/audit-rule.ts";
import { storedItems } from "../../entities/stored.ts";
import { contentWith } from "../../handlers/audit/content.ts";
import { openTableCopy } from "../../local/table-copy.ts";
import { type Stored, storedOf } from "./stored.ts";

/** What a table holds, and what the product's own audit finds wrong with it. */
export type Copy = {
  readonly stored: readonly Stored[];
  readonly damage: readonly AuditFinding[];
};

/** Of the local edition, where it is not told otherwise. */
const facts = {
  ...{ shards: 8, graceMs: 120_000, clockMarginMs: 0, lateMs: 600_000 },
  contentOf: contentWith(undefined),
};

/**
 * Reads every message in the data directory of an edition that has stopped: from a copy of its
 * table, so that looking changes nothing. What is judged here is judged by the proof alone; the
 * product's audit is asked besides, for it must find nothing wrong where nothing is.
 */
export const readCopy = async (dataDir: string, copy: string, clock: Clock): Promise<Copy> => {
  const { storage, stop } = await openTableCopy(dataDir, copy);
  const stored: Stored[] = [];
  const damage: AuditFinding[] = [];
  const whole = { segment: 0, segments: 1, pageItems: 500 };
  for await (const { histories } of storedItems(storage).scan(whole)) {
    stored.push(...histories.flatMap((history) => storedOf(history, clock())));
    for (const history of histories)
      damage.push(...judgeStored(history, { ...facts, now: clock() }).findings);
  }
  await stop();
  return { stored, damage };
};

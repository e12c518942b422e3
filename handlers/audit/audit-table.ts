import type { Clock, Sleep } from "../../adapters/clock.ts";
import { judgeStored } from "../../domain/audit.ts";
import type { AuditFacts, AuditFinding, StoredHistory } from "../../domain/audit-rule.ts";
import type { StoredItems } from "../../entities/stored.ts";

/** What was read and judged so far. Bounded, however large the table. */
export type AuditCounts = {
  items: number;
  messages: number;
  readonly byStatus: Record<string, number>;
  /** Messages of which nobody can say whether they are what was given. */
  unchecked: number;
  /** How many messages break each rule. */
  readonly broken: Record<string, number>;
  findings: number;
  readUnits: number;
  /** The limit was reached before the end of the table. */
  isPartial: boolean;
};

export type AuditDeps = {
  readonly stored: StoredItems;
  readonly clock: Clock;
  readonly sleep: Sleep;
};

export type AuditAsk = Omit<AuditFacts, "now"> & {
  /** How many scans run side by side. */
  readonly segments: number;
  /** Read units, over all of them. */
  readonly unitsPerSecond: number;
  /** Stops after about so many items. */
  readonly itemsMax: number;
  readonly pageItems: number;
  /** Hears of each finding, once, and is waited for. */
  readonly onFinding: (finding: AuditFinding) => void | Promise<void>;
  /** Hears of the counts after each page. They are the same object each time. */
  readonly onPage: (counts: AuditCounts) => void;
};

/**
 * Judges every message of a table by what is stored of it. It only reads, at most
 * `unitsPerSecond`, and holds a page a segment.
 *
 * The table may be in use. A scan takes the parts of a message one after the other and may see
 * each of them late, so what looks broken is read again by one consistent query, and only what is
 * still broken is reported.
 */
export const auditTable = async (
  { stored, clock, sleep }: AuditDeps,
  ask: AuditAsk,
): Promise<AuditCounts> => {
  const { segments, unitsPerSecond, itemsMax, pageItems, onFinding, onPage } = ask;
  const counts: AuditCounts = {
    ...{ items: 0, messages: 0, byStatus: {}, unchecked: 0, broken: {}, findings: 0 },
    ...{ readUnits: 0, isPartial: false },
  };
  let isStopped = false;

  const judge = (history: StoredHistory) => judgeStored(history, { ...ask, now: clock() });

  /** Counts one history, and resolves to the read units that it took to be sure. */
  const take = async (history: StoredHistory): Promise<number> => {
    let judgement = judge(history);
    let readUnits = 0;
    if (judgement.findings.length > 0) {
      const again = await stored.again(history.key);
      readUnits = again.readUnits;
      const [now] = again.histories;
      // Gone by now: it has expired, or was removed by somebody who may.
      if (!now) return readUnits;
      judgement = judge(now);
    }
    for (const finding of judgement.findings) {
      counts.findings += 1;
      counts.broken[finding.rule] = (counts.broken[finding.rule] ?? 0) + 1;
      await onFinding(finding);
    }
    if (!history.message) return readUnits;
    const status = judgement.status ?? "unreadable";
    counts.messages += 1;
    counts.byStatus[status] = (counts.byStatus[status] ?? 0) + 1;
    if (judgement.isUnchecked) counts.unchecked += 1;
    return readUnits;
  };

  const auditSegment = async (segment: number): Promise<void> => {
    for await (const page of stored.scan({ segment, segments, pageItems })) {
      let { readUnits } = page;
      for (const history of page.histories) readUnits += await take(history);
      counts.items += page.items;
      counts.readUnits += readUnits;
      onPage(counts);
      isStopped ||= counts.items >= itemsMax;
      if (isStopped) counts.isPartial ||= page.isMore;
      if (isStopped || !page.isMore) return;
      await sleep((readUnits / unitsPerSecond) * segments * 1000);
    }
  };

  const ended = await Promise.allSettled(
    Array.from({ length: segments }, async (_, segment) => {
      try {
        await auditSegment(segment);
      } catch (error) {
        // The others need not go on: the whole cannot be said any more.
        isStopped = true;
        throw error;
      }
    }),
  );
  const failed = ended.find((each) => each.status === "rejected");
  if (failed) throw failed.reason;
  return counts;
};

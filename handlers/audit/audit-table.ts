import type { Clock, Sleep } from "../../adapters/clock.ts";
import { judgeStored } from "../../domain/audit.ts";
import type { AuditFacts, AuditFinding, StoredHistory } from "../../domain/audit-rule.ts";
import type { StoredItems } from "../../entities/stored.ts";

/** The counts so far. Bounded, however large the table. */
export type AuditCounts = {
  items: number;
  messages: number;
  readonly byStatus: Record<string, number>;
  /** Messages whose content could not be compared with their fingerprint. */
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
  /** How many scans run in parallel. */
  readonly segments: number;
  /** Read units of all scans together. */
  readonly unitsPerSecond: number;
  /** Stops after about this many items. */
  readonly itemsMax: number;
  readonly pageItems: number;
  /** Called once for each finding, and awaited. */
  readonly onFinding: (finding: AuditFinding) => void | Promise<void>;
  /** Called with the counts after each page: the same object each time. */
  readonly onPage: (counts: AuditCounts) => void;
};

/**
 * Judges every message of a table by its stored items. It only reads, at most `unitsPerSecond`, and
 * holds one page per segment in memory.
 *
 * The table may be in use. A scan reads the items of a message one after the other and may see an
 * old state of each, so a message with a finding is read again by one consistent query. Only
 * findings that remain are reported.
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

  /** Judges one history and returns the read units of the second read. */
  const take = async (history: StoredHistory): Promise<number> => {
    let judgement = judge(history);
    let readUnits = 0;
    if (judgement.findings.length > 0) {
      const again = await stored.again(history.key);
      readUnits = again.readUnits;
      const [now] = again.histories;
      // Gone by now: it has expired or was removed.
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
        // The other segments can stop: the audit is incomplete anyway.
        isStopped = true;
        throw error;
      }
    }),
  );
  const failed = ended.find((each) => each.status === "rejected");
  if (failed) throw failed.reason;
  return counts;
};

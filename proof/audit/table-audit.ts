import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../adapters/clock.ts";
import { attemptViews } from "../../domain/history.ts";
import type { Status } from "../../domain/message.ts";
import { historyReader } from "../../entities/history.ts";
import type { Storage } from "../../entities/storage.ts";
import { judge, nameOf } from "../invariants/judge.ts";
import { unknownPast } from "../invariants/past.ts";
import type { Invariant, Violation } from "../invariants/promises.ts";
import { judgeStored } from "./alone.ts";
import { readTable, type Stored } from "./stored.ts";

export type TableFinding = Violation & { readonly message: string };

export type TableAudit = {
  readonly items: number;
  readonly messages: number;
  readonly byStatus: Readonly<Partial<Record<Status, number>>>;
  readonly readUnits: number;
  /** The limit was reached before the end of the table. */
  readonly isPartial: boolean;
  /** How many messages break each invariant. */
  readonly broken: Readonly<Partial<Record<Invariant, number>>>;
  /** Of each invariant the first few. */
  readonly examples: readonly TableFinding[];
};

const bounds = { clockMarginMs: 0, resendAfterMs: 0 };
const examplesMax = 10;

/** What one message as it is stored breaks; nothing is known of what happened to it. */
const judgeOne = (stored: Stored, now: number, strandedAfterMs: number): readonly Violation[] => [
  ...judge(unknownPast, stored, bounds),
  ...judgeStored(stored, now, strandedAfterMs),
];

/** Reads a message and all that belongs to it once more, by one consistent query. */
const readAgain = (storage: Storage) => {
  const history = historyReader(storage);
  return async ({ key }: Stored, at: number): Promise<Stored | undefined> => {
    const { message, attempts, payloads } = await history(key);
    if (!message) return undefined;
    const { headers: _, body: __, ...shown } = message;
    const own = attempts.filter(({ submitId }) => submitId === message.submitId);
    const hasPayload =
      !message.payload || payloads.some(({ fingerprint }) => fingerprint === message.fingerprint);
    const views = attemptViews(message, own);
    return { kind: "found", at, key, message: shown, views, attempts: own, hasPayload };
  };
};

/**
 * Judges every message of a table by what is stored of it. It reads only, at most `unitsPerSecond`.
 * The table may be in use: what looks broken is read again, since a scan takes its parts one after
 * the other, and a message may have moved on between them.
 */
export const auditTable = async (
  storage: Storage,
  options: {
    readonly clock: Clock;
    readonly unitsPerSecond: number;
    /** Stops after the page with so many items. */
    readonly itemsMax: number;
    readonly strandedAfterMs: number;
    /** How many items are read at a time. */
    readonly pageItems?: number;
    readonly note: (items: number, readUnits: number) => void;
  },
): Promise<TableAudit> => {
  const { clock, unitsPerSecond, itemsMax, strandedAfterMs, pageItems, note } = options;
  const again = readAgain(storage);
  const byStatus: Partial<Record<Status, number>> = {};
  const broken: Partial<Record<Invariant, number>> = {};
  const examples: TableFinding[] = [];
  let [items, messages, readUnits, isPartial] = [0, 0, 0, false];

  const report = (stored: Stored, violations: readonly Violation[]): void => {
    for (const invariant of new Set(violations.map((each) => each.invariant)))
      broken[invariant] = (broken[invariant] ?? 0) + 1;
    for (const violation of violations)
      if ((broken[violation.invariant] ?? 0) <= examplesMax)
        examples.push({ ...violation, message: nameOf(stored.key) });
  };

  for await (const page of readTable(storage, clock, pageItems)) {
    for (const stored of page.messages) {
      messages += 1;
      byStatus[stored.message.status] = (byStatus[stored.message.status] ?? 0) + 1;
      if (judgeOne(stored, clock(), strandedAfterMs).length === 0) continue;
      const now = await again(stored, clock());
      if (now) report(now, judgeOne(now, clock(), strandedAfterMs));
    }
    items += page.items;
    readUnits += page.readUnits;
    note(items, readUnits);
    isPartial = items >= itemsMax && page.isMore;
    if (isPartial) break;
    if (page.isMore) await pause((page.readUnits / unitsPerSecond) * 1000);
  }
  return { items, messages, byStatus, readUnits, isPartial, broken, examples };
};

import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Gate } from "./engine-gate.ts";
import type { GuardedFiles } from "./guarded-files.ts";
import { markIndexes } from "./index-mark.ts";

/** What has become of the files of the table. */
export type Outage =
  | { readonly kind: "began"; readonly error: unknown }
  | { readonly kind: "ended" };

/** There must be room for this much before the files are opened again. */
const roomBytes = 256 * 1024;

/** Rejects while nothing can be written where the files are. LevelDB ignores names like this one. */
const needsRoom = async (path: string): Promise<void> => {
  const probe = join(path, "room.tmp");
  try {
    await writeFile(probe, Buffer.alloc(roomBytes, 1), { flush: true });
  } finally {
    await rm(probe, { force: true });
  }
};

type Parts = {
  readonly path: string;
  readonly gate: Gate;
  readonly files: GuardedFiles;
};

/**
 * Opens the files again, as a start does, while nobody uses the table: LevelDB then drops the torn
 * end of what could not be written. That is a whole batch, so items and indexes still agree.
 */
const repair = async ({ path, gate, files }: Parts): Promise<void> => {
  // Reads go on until there is room.
  await needsRoom(path);
  await gate.close();
  await files.reopen();
  await markIndexes(path);
  gate.open();
};

/**
 * Repairs the files after a write has failed, and tries again every `retryMs` for as long as that
 * fails, too. Until then writes are answered with an error, and reads only while the files are open.
 */
export const repairing = ({
  retryMs,
  onOutage,
  ...parts
}: Parts & {
  readonly retryMs: number;
  readonly onOutage: (outage: Outage) => void;
}) => {
  const stopping = new AbortController();
  const { signal } = stopping;
  let under: Promise<void> | undefined;

  const isRepaired = (): Promise<boolean> =>
    repair(parts).then(
      () => true,
      () => false,
    );
  const untilRepaired = async (): Promise<void> => {
    do await sleep(retryMs, undefined, { signal }).catch(() => {});
    while (!signal.aborted && !(await isRepaired()));
    under = undefined;
    if (!signal.aborted) onOutage({ kind: "ended" });
  };
  const began = (error: unknown): void => {
    // A write of the repair itself may fail: that is the same outage.
    if (under) return;
    onOutage({ kind: "began", error });
    under = untilRepaired();
  };
  /** Resolves when nothing is repaired any more. */
  const stop = async (): Promise<void> => {
    stopping.abort();
    await under;
  };
  return { began, stop };
};

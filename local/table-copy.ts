import { cp } from "node:fs/promises";
import { join } from "node:path";
import { inProcessClient } from "../adapters/clients.ts";
import { readIfThere } from "../adapters/private-file.ts";
import type { Storage } from "../entities/storage.ts";
import { startTable, table } from "./embedded-table.ts";

/** Tells whether the edition that wrote this file still runs: a kill leaves the file behind. */
const isRunning = (localFile: string | undefined): boolean => {
  try {
    const { pid } = JSON.parse(localFile ?? "{}") as { readonly pid?: number };
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
};

/**
 * Opens a copy, made in another directory, of the table in the data directory of an edition that has
 * stopped: so that looking changes nothing. Rejects if it is running, for its files change then.
 */
export const openTableCopy = async (
  dataDir: string,
  copy: string,
): Promise<{ readonly storage: Storage; readonly stop: () => Promise<void> }> => {
  if (isRunning(await readIfThere(join(dataDir, "local.json"))))
    throw new Error(`The edition with the data directory ${dataDir} is running. Stop it first.`);
  try {
    await cp(join(dataDir, "table"), join(copy, "table"), { recursive: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new Error(`There is no table in ${dataDir}.`, { cause: error });
    throw new Error(`The table in ${dataDir} cannot be copied: ${message}`, { cause: error });
  }
  const { stop, call } = await startTable({ dataDir: copy });
  const client = inProcessClient(call);
  return {
    storage: { client, table },
    stop: async () => {
      client.destroy();
      await stop();
    },
  };
};

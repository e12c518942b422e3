import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new data directory, and how to be rid of it. */
export const temporaryDataDir = () => {
  const dataDir = mkdtempSync(join(tmpdir(), "postrider-"));
  return { dataDir, remove: () => rmSync(dataDir, { recursive: true, force: true }) };
};

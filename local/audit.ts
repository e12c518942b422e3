/** `npm run audit:local`: the audit of the data directory of an edition that has stopped. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { systemClock, systemSleep } from "../adapters/clock.ts";
import { environment } from "../adapters/environment.ts";
import { readIfThere } from "../adapters/private-file.ts";
import { readSettings, type SettingsOf } from "../adapters/read-settings.ts";
import { print, printError } from "../adapters/terminal.ts";
import { masterKeyVault, type Vault } from "../adapters/vault.ts";
import type { AuditFinding } from "../domain/audit-rule.ts";
import { storedItems } from "../entities/stored.ts";
import { answerText, findingJson, keepExamples, summaryJson } from "../handlers/audit/answer.ts";
import { auditTable } from "../handlers/audit/audit-table.ts";
import { contentWith } from "../handlers/audit/content.ts";
import { masterKeys } from "./master-key.ts";
import { openTableCopy } from "./table-copy.ts";

const help = `npm run audit:local [-- --json]

Judges every message in the data directory of a local edition that has stopped, from a copy, so that
nothing is changed. It reads the same variables as npm start: POSTRIDER_DATA_DIR says where,
POSTRIDER_SHARDS and POSTRIDER_GRACE_MS what is right.

  --json  a line of JSON for each finding, and one for the summary

Exit codes: 0 nothing is wrong; 1 something is; 2 it could not be done.
`;

/** How late the dispatcher may check a message: an edition that has stopped checks nothing. */
const lateMs = Number.POSITIVE_INFINITY;

/** Not made here, where there is none: nothing that is stored would open with a new one. */
const vaultOf = async (settings: SettingsOf<"local">): Promise<Vault | undefined> => {
  const file = join(settings.dataDir, "master-key");
  const isKept = (await readIfThere(file)) !== undefined;
  const hasKeys = settings.masterKeys !== undefined || isKept;
  return hasKeys ? masterKeyVault(await masterKeys(settings)) : undefined;
};

const audit = async (isJson: boolean): Promise<number> => {
  const settings = readSettings("local", environment());
  const copy = await mkdtemp(join(tmpdir(), "postrider-audit-"));
  try {
    const dataDir = resolve(settings.dataDir);
    const { storage, stop } = await openTableCopy(dataDir, copy);
    const { keep, examples } = keepExamples();
    const counts = await auditTable(
      { stored: storedItems(storage), clock: systemClock, sleep: systemSleep },
      {
        ...{ shards: settings.shards, graceMs: settings.graceMs, lateMs },
        clockMarginMs: settings.clockMarginMs,
        contentOf: contentWith(await vaultOf(settings)),
        ...{ segments: 1, unitsPerSecond: Number.POSITIVE_INFINITY, pageItems: 500 },
        itemsMax: Number.POSITIVE_INFINITY,
        onFinding: (finding: AuditFinding) => {
          if (isJson) print(findingJson(finding));
          keep(finding);
        },
        onPage: () => {},
      },
    );
    await stop();
    print(isJson ? summaryJson(counts) : answerText(counts, examples));
    return counts.findings > 0 ? 1 : 0;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
};

const main = async (args: readonly string[]): Promise<number> => {
  if (args.includes("--help") || args.includes("-h")) {
    print(help);
    return 0;
  }
  const unknown = args.filter((arg) => arg !== "--json");
  if (unknown.length > 0) {
    printError(`Nothing was done. Not an option: ${unknown.join(", ")}\n`);
    return 2;
  }
  try {
    return await audit(args.includes("--json"));
  } catch (error) {
    printError(`Not done. ${(error as Error).message}\n`);
    return 2;
  }
};

process.exitCode = await main(process.argv.slice(2));

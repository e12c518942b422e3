import { access, constants, stat, statfs } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ConfigurationError, type Environment } from "../../adapters/environment.ts";
import { type OperatorAccess, readOperatorAccess } from "../../adapters/operator-file.ts";
import { listenerAt } from "../../adapters/operator-proof.ts";
import { readIfThere } from "../../adapters/private-file.ts";
import { readSettings, type SettingsOf, settingWarnings } from "../../adapters/read-settings.ts";
import { keyIdOf, parseMasterKey } from "../../adapters/vault.ts";
import type { Outside } from "../../client/outside.ts";
import { serviceAsker } from "./ask-service.ts";
import type { LocalFacts } from "./local-findings.ts";

type Deps = Pick<Outside, "fetch" | "now"> & {
  readonly environment: Environment;
  readonly signal: AbortSignal;
};

const answerWithinMs = 5000;
/** The files with keys. */
const privateFiles = ["local.json", "operator.json", "master-key"] as const;

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "unknown";

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Tells whether others than the owner may use a file; nobody may use what is not there. */
const isOpen = async (path: string): Promise<boolean> => {
  // On Windows the mode says nothing about who may read.
  if (process.platform === "win32") return false;
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && (found.mode & 0o077) !== 0;
};

const directoryFacts = async (dataDir: string): Promise<LocalFacts["directory"]> => {
  try {
    if (!(await stat(dataDir)).isDirectory()) return { kind: "unusable", code: "ENOTDIR" };
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(dataDir);
    const names = ["", ...privateFiles];
    const areOpen = await Promise.all(names.map((name) => isOpen(join(dataDir, name))));
    const open = names.filter((_, at) => areOpen[at]).map((name) => name || "the directory");
    return { kind: "there", freeBytes: bavail * bsize, open };
  } catch (error) {
    return codeOf(error) === "ENOENT"
      ? { kind: "missing" }
      : { kind: "unusable", code: codeOf(error) };
  }
};

type Settings =
  | {
      readonly kind: "valid";
      readonly settings: SettingsOf<"local">;
      readonly warnings: readonly string[];
    }
  | { readonly kind: "faulty"; readonly faults: readonly string[] };

const settingsIn = (environment: Environment, dataDir: string): Settings => {
  const given = { ...environment, POSTRIDER_DATA_DIR: dataDir };
  try {
    const settings = readSettings("local", given);
    return { kind: "valid", settings, warnings: settingWarnings(settings, given) };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { kind: "faulty", faults: error.faults };
  }
};

const editionOf = async (written: OperatorAccess | undefined): Promise<LocalFacts["edition"]> => {
  if (!written) return "stopped";
  const listener = await listenerAt(written, answerWithinMs);
  if (listener === "own") return "running";
  return listener === "silent" ? "silent" : "killed";
};

/** Compares the master key of here with the one that the edition wrote down that it uses. */
const masterKeyFacts = async (
  dataDir: string,
  configured: readonly Uint8Array[] | undefined,
  written: OperatorAccess | undefined,
): Promise<LocalFacts["masterKey"]> => {
  const text = configured
    ? undefined
    : await readIfThere(join(dataDir, "master-key")).catch(() => "");
  // A new data directory has none until its first start; one with a table has lost it.
  if (!configured && text === undefined)
    return (await isThere(join(dataDir, "table"))) ? "missing" : "not-compared";
  const [newest] = configured ?? [parseMasterKey(text ?? "")];
  if (!newest) return "damaged";
  if (!written) return "there";
  return keyIdOf(newest) === written.masterKeyId ? "same" : "other";
};

const isPortTaken = async (deps: Deps, port: number): Promise<boolean> => {
  if (port === 0) return false;
  const ask = serviceAsker(deps, { url: `http://127.0.0.1:${port}`, signal: deps.signal });
  const reply = await ask("GET", "/healthz");
  return reply.kind === "answered" || reply.code !== "ECONNREFUSED";
};

/**
 * Looks at a data directory, at the settings of this environment, and at the edition that they belong
 * to. Changes nothing, and sends no key. Rejects only if the signal aborts.
 */
export const examineLocal = async (deps: Deps, given: string): Promise<LocalFacts> => {
  const dataDir = resolve(given);
  const read = settingsIn(deps.environment, dataDir);
  const directory = await directoryFacts(dataDir);
  const written = await readOperatorAccess(dataDir).catch(() => undefined);
  const edition = await editionOf(written);
  const isValid = read.kind === "valid";
  const port = isValid ? read.settings.port : 0;
  const isDown = edition === "killed" || edition === "stopped";
  const canCompare = isValid && directory.kind === "there";
  return {
    ...{ dataDir, directory, edition },
    settingFaults: isValid ? [] : read.faults,
    settingWarnings: isValid ? read.warnings : [],
    port: { number: port, isTaken: isDown && (await isPortTaken(deps, port)) },
    masterKey: canCompare
      ? await masterKeyFacts(dataDir, read.settings.masterKeys, written)
      : "not-compared",
  };
};

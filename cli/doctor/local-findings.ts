import type { Finding } from "../finding.ts";

/** What was seen of a data directory and of the edition that it belongs to. */
export type LocalFacts = {
  readonly dataDir: string;
  readonly directory:
    | { readonly kind: "there"; readonly freeBytes: number; readonly open: readonly string[] }
    | { readonly kind: "missing" }
    | { readonly kind: "unusable"; readonly code: string };
  /** What is wrong with the settings in this environment, and what is odd. */
  readonly settingFaults: readonly string[];
  readonly settingWarnings: readonly string[];
  /** Whether the edition runs; `killed` has left its files behind. */
  readonly edition: "running" | "silent" | "killed" | "stopped";
  /** Who has the port that an edition would take, where none runs. */
  readonly port: { readonly number: number; readonly isTaken: boolean };
  /** How the master key of this environment and data directory compares with that of the edition. */
  readonly masterKey: "same" | "there" | "other" | "missing" | "damaged" | "not-compared";
};

const mebibyte = 1024 * 1024;
const freeBytesLow = 1024 * mebibyte;
const freeBytesMin = 100 * mebibyte;

const sizeOf = (bytes: number): string => {
  const gibibytes = bytes / (1024 * mebibyte);
  return gibibytes >= 1 ? `${gibibytes.toFixed(1)} GiB` : `${Math.floor(bytes / mebibyte)} MiB`;
};

const directoryFindings = ({ dataDir, directory }: LocalFacts): readonly Finding[] => {
  if (directory.kind === "missing")
    return [
      {
        ...{
          level: "attention",
          about: "data-dir",
          what: `There is no data directory ${dataDir}.`,
        },
        todo: "postrider dev makes it. If yours is elsewhere, name it with --data-dir.",
      },
    ];
  if (directory.kind === "unusable")
    return [
      {
        ...{ level: "broken", about: "data-dir" },
        what: `The data directory ${dataDir} cannot be used (${directory.code}).`,
        todo: "It must be a directory that you own and may write in. See ls -ld.",
      },
    ];
  return [modeFinding(dataDir, directory.open), spaceFinding(directory.freeBytes)];
};

const modeFinding = (dataDir: string, open: readonly string[]): Finding =>
  open.length === 0
    ? { level: "ok", about: "data-dir", what: `The data directory ${dataDir} is closed to others.` }
    : {
        ...{ level: "broken", about: "data-dir" },
        what: `Others on this machine may read keys and messages in ${dataDir}: ${open.join(", ")}.`,
        todo: `Run chmod -R go= '${dataDir}', and replace the keys if somebody may have read them.`,
      };

const spaceFinding = (freeBytes: number): Finding => {
  const what = `${sizeOf(freeBytes)} of disk space are free.`;
  if (freeBytes >= freeBytesLow) return { level: "ok", about: "disk", what };
  const level = freeBytes < freeBytesMin ? "broken" : "attention";
  return { level, about: "disk", what, todo: "Free some space: without it nothing is accepted." };
};

const settingFindings = ({ settingFaults, settingWarnings }: LocalFacts): readonly Finding[] => {
  const findings: readonly Finding[] = [
    ...settingFaults.map((what) => ({
      ...({ level: "broken", about: "settings" } as const),
      ...{
        what,
        todo: "postrider dev would not start with it: see docs/reference/configuration.md.",
      },
    })),
    ...settingWarnings.map((what) => ({ level: "attention", about: "settings", what }) as const),
  ];
  return findings.length > 0
    ? findings
    : [{ level: "ok", about: "settings", what: "The settings in this environment are valid." }];
};

const editionFinding = ({ dataDir, edition, port }: LocalFacts): Finding => {
  const about = "edition";
  if (edition === "running") return { level: "ok", about, what: "The local edition is running." };
  if (edition === "silent")
    return {
      ...{ level: "broken", about, what: "The local edition runs, but does not answer." },
      todo: "It may be suspended (Ctrl-Z) or busy: see its terminal.",
    };
  const taken = port.isTaken ? ` Another program has its port, ${port.number}.` : "";
  return {
    ...{ level: "attention", about },
    what:
      edition === "killed"
        ? `The local edition with the data directory ${dataDir} was killed. The next start goes on from its files.${taken}`
        : `No local edition is running with the data directory ${dataDir}.${taken}`,
    todo: port.isTaken
      ? `Start it with PORT=0 postrider dev, or end what has port ${port.number}.`
      : "Start it with postrider dev. If it has another data directory, name that one with --data-dir.",
  };
};

const masterKeys: Readonly<Record<LocalFacts["masterKey"], Finding | undefined>> = {
  same: {
    ...{ level: "ok", about: "master-key" },
    what: "The master key is the one that the edition encrypts with.",
  },
  other: {
    ...{ level: "broken", about: "master-key" },
    what: "The running edition has another master key than this environment and data directory.",
    todo: "Set POSTRIDER_MASTER_KEY as it was for the edition, before you start it again: without that key no secret can be read.",
  },
  missing: {
    ...{
      level: "broken",
      about: "master-key",
      what: "The master key of the data directory is missing.",
    },
    todo: "Restore the file master-key from a backup: without it no secret that is stored can be read.",
  },
  damaged: {
    ...{ level: "broken", about: "master-key", what: "The file master-key does not hold a key." },
    todo: "Restore it from a backup: without it no secret that is stored can be read.",
  },
  there: { level: "ok", about: "master-key", what: "There is a master key." },
  "not-compared": undefined,
};

/** Judges a data directory, this environment, and whether the edition runs. */
export const localFindings = (facts: LocalFacts): readonly Finding[] => {
  const masterKey = masterKeys[facts.masterKey];
  return [
    ...directoryFindings(facts),
    ...settingFindings(facts),
    editionFinding(facts),
    ...(masterKey ? [masterKey] : []),
  ];
};

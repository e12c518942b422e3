import { mkdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod";
import type { Environment } from "../adapters/environment.ts";
import { readIfThere, writePrivately } from "../adapters/private-file.ts";
import { Failed } from "./failed.ts";

/** Where a Postrider is, and the keys for it. */
export type Profile = {
  readonly url: string;
  /** A key of the sender. */
  readonly key?: string | undefined;
  readonly operatorKey?: string | undefined;
  readonly senderId?: string | undefined;
};

export type Profiles = {
  /** The one that is used if nothing else is said. */
  readonly current?: string | undefined;
  readonly profiles: Readonly<Record<string, Profile>>;
};

const schema = z.object({
  current: z.string().optional(),
  profiles: z.record(
    z.string(),
    z.object({
      url: z.string(),
      key: z.string().optional(),
      operatorKey: z.string().optional(),
      senderId: z.string().optional(),
    }),
  ),
});

/** Returns the path of the file with the profiles, by the XDG Base Directory Specification. */
export const profilesFile = (environment: Environment): string => {
  const home = environment["HOME"] || homedir();
  const config = environment["XDG_CONFIG_HOME"] || join(home, ".config");
  return join(config, "postrider", "profiles.json");
};

const refuse = (what: string, next: string): Failed => new Failed({ kind: "usage", what, next });

/** Throws a failure if others than the owner may read a file: it holds keys. */
const checkMode = async (file: string): Promise<void> => {
  // On Windows the mode says nothing about who may read.
  if (process.platform === "win32") return;
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0)
    throw refuse(
      `${file} holds keys, and others on this machine may read it.`,
      `Run chmod 600 ${file}, and replace the keys if somebody may have read them.`,
    );
};

/** Reads the profiles: none if there is no file. Throws a failure for an invalid file. */
export const readProfiles = async (environment: Environment): Promise<Profiles> => {
  const file = profilesFile(environment);
  const text = await readIfThere(file).catch((error: Error) => {
    throw refuse(error.message, "Check who owns the file.");
  });
  if (text === undefined) return { profiles: {} };
  await checkMode(file);
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw refuse(
      `${file} is damaged.`,
      "Mend it by hand, or move it away and add the profiles again with postrider profiles add.",
    );
  }
};

/** Writes the profiles into a file that only its owner can read. */
export const writeProfiles = async (
  environment: Environment,
  profiles: Profiles,
): Promise<void> => {
  const file = profilesFile(environment);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writePrivately(file, `${JSON.stringify(profiles, undefined, 2)}\n`);
};

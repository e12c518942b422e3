import { commandSetting } from "../adapters/command-settings.ts";
import type { Environment } from "../adapters/environment.ts";
import { Failed } from "./failed.ts";
import { findLocalEdition } from "./local-edition.ts";
import type { CommonOptions } from "./options.ts";
import { type Profile, profilesFile, readProfiles } from "./profiles.ts";

/** Which Postrider a command works with, and what said so: `--url`, `the profile prod`. */
export type Connection = Profile & { readonly from: string };

/** Returns the data directory in which the local edition is looked for. */
export const dataDirOf = (environment: Environment, { dataDir }: CommonOptions): string =>
  dataDir ?? (environment["POSTRIDER_DATA_DIR"] || ".postrider");

/**
 * Finds the Postrider to work with: that of `--url`, of `--profile` or POSTRIDER_PROFILE, of
 * POSTRIDER_URL, of the profile in use, or the local edition that runs. A key goes only to the
 * Postrider that it was given for.
 */
export const findConnection = async (
  environment: Environment,
  options: CommonOptions,
): Promise<Connection> => {
  const found = await findPlace(environment, options);
  const sender = options.sender ?? commandSetting(environment, "commandSender");
  // A key that is named for this one call is the key for whatever the call does.
  const keys = options.key === undefined ? {} : { key: options.key, operatorKey: options.key };
  checkUrl(found.url, found.from);
  return { ...found, ...keys, senderId: sender ?? found.senderId };
};

/**
 * Tells whether the local edition is meant, whether or not it runs: by its data directory, or because
 * nothing names another Postrider.
 */
export const isLocalMeant = async (
  environment: Environment,
  { url, profile, dataDir }: CommonOptions,
): Promise<boolean> => {
  if (url !== undefined || namedProfile(environment, profile) !== undefined) return false;
  if (dataDir !== undefined) return true;
  if (commandSetting(environment, "commandUrl") !== undefined) return false;
  return (await readProfiles(environment)).current === undefined;
};

const namedProfile = (environment: Environment, profile: string | undefined): string | undefined =>
  profile ?? commandSetting(environment, "commandProfile");

const findPlace = async (environment: Environment, options: CommonOptions): Promise<Connection> => {
  if (await isLocalMeant(environment, options)) {
    const profiles = options.dataDir === undefined ? profilesFile(environment) : undefined;
    return localEdition(dataDirOf(environment, options), profiles);
  }
  const key = commandSetting(environment, "commandKey");
  const keys = { key, operatorKey: key };
  if (options.url !== undefined) return { url: options.url, ...keys, from: "--url" };

  const named = namedProfile(environment, options.profile);
  if (named !== undefined) return profileNamed(environment, named);

  const url = commandSetting(environment, "commandUrl");
  if (url !== undefined) return { url, ...keys, from: "POSTRIDER_URL" };

  const { current = "" } = await readProfiles(environment);
  return profileNamed(environment, current);
};

const profileNamed = async (environment: Environment, name: string): Promise<Connection> => {
  const { profiles } = await readProfiles(environment);
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile) return { ...profile, from: `the profile ${name}` };
  throw new Failed({
    kind: "usage",
    what: `There is no profile ${name} in ${profilesFile(environment)}.`,
    next: `Run postrider profiles list, or add it: postrider profiles add ${name} --url https://…`,
  });
};

const localEdition = async (dataDir: string, profiles?: string): Promise<Connection> => {
  const found = await findLocalEdition(dataDir);
  if (found.kind === "running") return { ...found.profile, from: "the local edition" };
  if (found.kind === "silent")
    throw new Failed({
      kind: "notDone",
      what: `The local edition with the data directory ${found.dataDir} does not answer.`,
      next: "It may be suspended or busy: see its terminal, and try again.",
    });
  const faults = [
    ...(profiles === undefined
      ? []
      : [
          "--url, --profile, POSTRIDER_PROFILE and POSTRIDER_URL: not set",
          `${profiles}: no profile is in use`,
        ]),
    `${found.dataDir}: no local edition is running with this data directory`,
  ];
  throw new Failed({
    kind: "usage",
    what: "There is no Postrider to work with. Looked for:",
    faults,
    next: "Start one with postrider dev, name its data directory with --data-dir, or add the deployment that you mean: postrider profiles add prod --url https://…",
  });
};

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Throws a failure for an address that no request should go to. */
export const checkUrl = (url: string, from: string): void => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isSafe = parsed?.protocol === "https:" || loopback.test(parsed?.hostname ?? "");
  if (parsed && ["http:", "https:"].includes(parsed.protocol) && isSafe) return;
  throw new Failed({
    kind: "usage",
    what: `${url} cannot be used (${from}): ${parsed ? "without https anybody on the way could read the key" : "it is not a URL"}.`,
    next: "Give a URL such as https://postrider.example.com.",
  });
};

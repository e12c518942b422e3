import { Command } from "commander";
import * as z from "zod";
import { checkUrl } from "../connection.ts";
import { examples } from "../examples.ts";
import { Failed } from "../failed.ts";
import type { Io } from "../io.ts";
import { keyFor } from "../key-input.ts";
import { commonOf, parseOptions } from "../options.ts";
import { type Profile, profilesFile, readProfiles, writeProfiles } from "../profiles.ts";
import { show, showList } from "../show.ts";
import type { Column } from "../table.ts";

const namePattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const nameOption = z
  .string()
  .regex(namePattern, "must be 1 to 64 of A-Z a-z 0-9 _ . -, and begin with a letter or digit")
  .refine((name) => name !== "__proto__", "cannot be this name");

const noProfile = (io: Io, name: string): Failed =>
  new Failed({
    kind: "usage",
    what: `There is no profile ${name} in ${profilesFile(io.environment)}.`,
    next: "Run postrider profiles list.",
  });

const addSchema = z.object({
  name: nameOption,
  url: z.string("is required, such as --url https://postrider.example.com"),
  key: z.string().optional(),
  sender: z.string().optional(),
  operator: z.boolean().optional(),
});

const addProfile = async (io: Io, command: Command): Promise<void> => {
  const { name, url, key: given, sender, operator } = parseOptions(command, addSchema);
  checkUrl(url, "--url");
  const stored = await readProfiles(io.environment);
  const before = stored.profiles[name];
  const key = await keyFor(io, given, operator ? "an operator" : "a sender");
  // The keys of another place are not kept: they would be sent to this one.
  const kept: Partial<Profile> = before?.url === url ? before : {};
  const profile: Profile = {
    ...{ ...kept, url, senderId: sender ?? kept.senderId },
    ...(operator ? { operatorKey: key } : { key }),
  };
  const profiles = { ...stored.profiles, [name]: profile };
  const current = stored.current ?? name;
  await writeProfiles(io.environment, { current, profiles });
  const isCurrent = current === name;
  show(io, commonOf(command).json, { name, url, isCurrent }, [
    isCurrent
      ? `The profile ${name} is stored, and in use.`
      : `The profile ${name} is stored. Use it with --profile ${name}, or postrider profiles use ${name}.`,
  ]);
};

const add = (io: Io): Command =>
  new Command("add")
    .summary("store a profile, or another key of it")
    .description(
      "Stores where a Postrider is (--url), whose messages these are (--sender), and a key for it, which is asked for or read from standard input. The first profile is the one in use.",
    )
    .argument("<name>", "such as prod")
    .option("--operator", "the key is that of an operator; a profile may have one of either kind")
    .action((_name: string, _options: object, command: Command) => addProfile(io, command));

type Listed = {
  readonly name: string;
  readonly isCurrent: boolean;
  readonly url: string;
  readonly senderId: string | undefined;
  readonly keys: readonly string[];
};
const columns: readonly Column<Listed>[] = [
  { head: "", cell: ({ isCurrent }) => (isCurrent ? "*" : " ") },
  { head: "PROFILE", cell: ({ name }) => name },
  { head: "URL", cell: ({ url }) => url, isFlexible: true },
  { head: "SENDER", cell: ({ senderId = "" }) => senderId },
  { head: "KEYS", cell: ({ keys }) => keys.join(", ") },
];

async function* listedIn(io: Io): AsyncGenerator<Listed> {
  const { current, profiles } = await readProfiles(io.environment);
  for (const [name, { url, senderId, key, operatorKey }] of Object.entries(profiles)) {
    const keys = [...(key ? ["sender"] : []), ...(operatorKey ? ["operator"] : [])];
    yield { name, isCurrent: name === current, url, senderId, keys };
  }
}

const list = (io: Io): Command =>
  new Command("list")
    .summary("list the profiles, without their keys")
    .description("Lists the profiles, without their keys. * is the one in use.")
    .action(async (_options: object, command: Command) => {
      const count = await showList(io, commonOf(command).json, listedIn(io), columns);
      if (count === 0) io.err("There is no profile. Add one with postrider profiles add.");
    });

const use = (io: Io): Command =>
  new Command("use")
    .summary("make a profile the one in use")
    .description(
      "Makes a profile the one in use. Without a name no profile is in use, and commands find the local edition.",
    )
    .argument("[name]", "the profile")
    .action(async (name: string | undefined, _options: object, command: Command) => {
      const { profiles } = await readProfiles(io.environment);
      if (name !== undefined && !Object.hasOwn(profiles, name)) throw noProfile(io, name);
      await writeProfiles(io.environment, { current: name, profiles });
      show(io, commonOf(command).json, { current: name ?? null }, [
        name === undefined ? "No profile is in use." : `The profile ${name} is in use.`,
      ]);
    });

const remove = (io: Io): Command =>
  new Command("remove")
    .summary("remove a profile with its keys")
    .description("Removes a profile with its keys. The keys stay valid.")
    .argument("<name>", "the profile")
    .action(async (name: string, _options: object, command: Command) => {
      const { current, profiles } = await readProfiles(io.environment);
      if (!Object.hasOwn(profiles, name)) throw noProfile(io, name);
      const { [name]: _, ...others } = profiles;
      const next = current === name ? undefined : current;
      await writeProfiles(io.environment, { current: next, profiles: others });
      show(io, commonOf(command).json, { removed: name }, [`The profile ${name} is removed.`]);
    });

export const profiles = (io: Io): Command =>
  new Command("profiles")
    .summary("keep the addresses and keys of deployments")
    .description(
      "Keeps the addresses and keys of deployments in profiles.json in ~/.config/postrider (or XDG_CONFIG_HOME), which only you can read.",
    )
    .addCommand(add(io))
    .addCommand(list(io))
    .addCommand(use(io))
    .addCommand(remove(io))
    .addHelpText(
      "after",
      examples(
        "postrider profiles add prod --url https://postrider.example.com --sender shop",
        "pass show postrider/operator | postrider profiles add prod --url https://postrider.example.com --operator",
        "postrider profiles use prod",
      ),
    );

import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Io } from "../../cli/io.ts";
import { formatApiKey } from "../../domain/api-key.ts";
import { type CommandOptions, command } from "../support/command.ts";
import { openStandInEdition } from "../support/stand-in-edition.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "postrider-connection-"));
});
afterAll(() => rm(folder, { recursive: true }));

const keys = [1, 2, 3, 4].map((fill) => formatApiKey(new Uint8Array(32).fill(fill)));
const [ofSender = "", ofOperator = "", ofOther = "", ofVariable = ""] = keys;

type Asked = { readonly url: string; readonly key: string };

/** Runs a command, and returns where its requests went and with which key. */
const asking = async (args: readonly string[], options: CommandOptions = {}) => {
  const asked: Asked[] = [];
  const fetch: Io["fetch"] = async (url, { headers }) => {
    asked.push({ url, key: (headers["authorization"] ?? "").replace("Bearer ", "") });
    return new Response(JSON.stringify({ items: [], nextCursor: null }));
  };
  const environment = { XDG_CONFIG_HOME: folder, HOME: folder, ...options.environment };
  return { asked, ...(await command(args, { fetch, ...options, environment })) };
};
const wentTo = ({ asked }: { readonly asked: readonly Asked[] }): Asked | undefined => {
  const [first] = asked;
  return first && { url: new URL(first.url).origin, key: first.key };
};

describe("The local edition", () => {
  test("is found in its data directory, with the key for what the command does", async () => {
    const { dataDir, facts, close } = await openStandInEdition();
    const environment = { POSTRIDER_DATA_DIR: dataDir };

    const messages = await asking(["list"], { environment });
    const senders = await asking(["senders", "list"], { environment });

    await close();
    expect(wentTo(messages)).toEqual({ url: facts.url, key: facts.apiKey });
    expect(wentTo(senders)).toEqual({ url: facts.url, key: facts.operatorKey });
  });

  test("that was killed is not taken for the process at its port: no key is sent", async () => {
    const { dataDir, close } = await openStandInEdition({ isOther: true });

    const { code, err, asked } = await asking(["list", "--data-dir", dataDir]);

    await close();
    expect({ code, asked }).toEqual({ code: 2, asked: [] });
    expect(err).toContain(`${dataDir}: no local edition is running`);
  });

  test("is not guessed: without anything to work with, everything that was looked for is named", async () => {
    const dataDir = join(folder, "nowhere");

    const { code, err } = await asking(["list"], { environment: { POSTRIDER_DATA_DIR: dataDir } });

    expect(code).toBe(2);
    expect(err).toContain("--url, --profile, POSTRIDER_PROFILE and POSTRIDER_URL: not set");
    expect(err).toContain(join(folder, "postrider", "profiles.json"));
    expect(err).toContain(dataDir);
    expect(err).toContain("postrider dev");
  });
});

describe("Profiles", () => {
  const file = () => join(folder, "postrider", "profiles.json");
  const add = (name: string, url: string, key: string, ...more: string[]) =>
    asking(["profiles", "add", name, "--url", url, ...more], { input: `${key}\n` });

  test("are stored for their owner only, the first one in use, and listed without keys", async () => {
    const first = await add("prod", "https://prod.example.com", ofSender, "--sender", "shop");
    const second = await add("dev", "https://dev.example.com", ofOther);
    const operator = await add("prod", "https://prod.example.com", ofOperator, "--operator");
    const list = await asking(["profiles", "list"]);

    expect([first.code, second.code, operator.code]).toEqual([0, 0, 0]);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(list.out).toMatch(
      /\* {2}prod {5}https:\/\/prod\.example\.com {2}shop {4}sender, operator/,
    );
    expect(first.out + first.err + list.out).not.toContain("prk_");
    expect(await readFile(file(), "utf8")).toContain(ofOperator);
  });

  test("go before variables if they are named, and after them if they are only in use", async () => {
    const variables = { POSTRIDER_URL: "https://variable.example.com", POSTRIDER_KEY: ofVariable };

    const inUse = await asking(["list"]);
    const variable = await asking(["list"], { environment: variables });
    const named = await asking(["list", "--profile", "dev"], { environment: variables });
    const byName = { ...variables, POSTRIDER_PROFILE: "dev" };
    const byVariable = await asking(["list"], { environment: byName });
    const optioned = await asking(["list", "--url", "https://option.example.com"], {
      environment: byName,
    });
    const operators = await asking(["senders", "list"]);

    expect(wentTo(inUse)).toEqual({ url: "https://prod.example.com", key: ofSender });
    expect(wentTo(operators)).toEqual({ url: "https://prod.example.com", key: ofOperator });
    expect(wentTo(variable)).toEqual({ url: "https://variable.example.com", key: ofVariable });
    expect(wentTo(named)).toEqual({ url: "https://dev.example.com", key: ofOther });
    expect(wentTo(byVariable)).toEqual({ url: "https://dev.example.com", key: ofOther });
    expect(wentTo(optioned)).toEqual({ url: "https://option.example.com", key: ofVariable });
  });

  test("keep their keys for the address that they were given for", async () => {
    const option = await asking(["list", "--url", "https://elsewhere.example.com"]);
    await add("moved", "https://old.example.com", ofOperator, "--operator");
    await add("moved", "https://new.example.com", ofSender);
    const moved = await asking(["senders", "list", "--profile", "moved"]);

    expect({ code: option.code, asked: option.asked }).toEqual({ code: 2, asked: [] });
    expect(option.err).toContain("There is no API key of a sender");
    expect({ code: moved.code, asked: moved.asked }).toEqual({ code: 2, asked: [] });
  });

  test("can be left out of use, and removed", async () => {
    const none = await asking(["profiles", "use"]);
    const after = await asking(["list"], { environment: { POSTRIDER_DATA_DIR: folder } });
    const removed = await asking(["profiles", "remove", "dev"]);
    const gone = await asking(["list", "--profile", "dev"]);
    const unknown = await asking(["profiles", "use", "dev"]);

    expect([none.code, after.code, removed.code, gone.code, unknown.code]).toEqual([0, 2, 0, 2, 2]);
    expect(gone.err).toContain("There is no profile dev");
  });

  test.each([
    ["no-key", "https://a.example.com", "prk_mistyped", "is not an API key"],
    ["plain", "http://a.example.com", ofSender, "without https"],
    ["no-url", "a.example.com", ofSender, "it is not a URL"],
    ["-dash", "https://a.example.com", ofSender, "unknown option"],
    ["a/b", "https://a.example.com", ofSender, "<name>: must be 1 to 64"],
  ])("are refused with what is wrong: %s", async (name, url, key, fault) => {
    const { code, err } = await add(name, url, key);

    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(fault) });
    expect(await readFile(file(), "utf8")).not.toContain("a.example.com");
  });

  test("take a key that is typed, and nothing after Ctrl-C", async () => {
    const args = ["profiles", "add", "typed", "--url", "https://typed.example.com"];

    const stopped = await asking(args, { canAsk: true, askSecret: async () => undefined });
    const typed = await asking(args, { canAsk: true, askSecret: async () => ` ${ofSender}` });
    const used = await asking(["list", "--profile", "typed"]);

    expect([stopped.code, typed.code]).toEqual([5, 0]);
    expect(wentTo(used)?.key).toBe(ofSender);
  });

  test("that others may read, or that are damaged, are not used", async () => {
    await chmod(file(), 0o640);
    const open = await asking(["profiles", "list"]);
    await writeFile(file(), "{");
    await chmod(file(), 0o600);
    const damaged = await asking(["list"]);
    await rm(file());
    await mkdir(file());
    const folderThere = await asking(["list"]);

    expect([open.code, damaged.code, folderThere.code]).toEqual([2, 2, 2]);
    expect(open.err).toContain(`chmod 600 ${file()}`);
    expect(damaged.err).toContain("is damaged");
    expect(folderThere.err).toContain("cannot be read (EISDIR)");
  });
});

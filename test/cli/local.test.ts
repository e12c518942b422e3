/** The operator's commands on a local edition that runs: each as npm runs it. */
import { chmod, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import {
  type EditionProcess,
  killLeftovers,
  newDataDir,
  startProcess,
  until,
} from "../support/edition.ts";
import { openReceiver } from "../support/receiver.ts";
import { type Environment, runCommand, shown } from "./aws.ts";

type Name = Parameters<typeof runCommand>[0];

let dataDir: string;
let environment: Environment;
let edition: EditionProcess;
let receiver: Awaited<ReturnType<typeof openReceiver>>;
beforeAll(async () => {
  dataDir = await newDataDir();
  environment = { POSTRIDER_DATA_DIR: dataDir };
  [edition, receiver] = await Promise.all([startProcess(dataDir), openReceiver()]);
});
afterAll(async () => {
  receiver.close();
  await edition.interrupt();
  await rm(dataDir, { recursive: true });
});
afterAll(killLeftovers);

const run = (name: Name, args: readonly string[], where = environment, input = "") =>
  runCommand(name, ["--local", ...args], where, input);

const added = async (sender: string) => {
  const { code, out, err } = await run("add-sender", ["--sender", sender, "--print"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return {
    apiKey: shown(out, "API key"),
    hash: shown(out, "Key hash"),
    whsec: shown(out, "Signing secret"),
  };
};

/** Submits a message of a sender to the receiver; the status of the answer. */
const submit = async (senderId: string, messageId: string, apiKey: string): Promise<number> => {
  const timestamp = "2026-03-01T12:00:00Z";
  const targetUrl = `${receiver.url}/hook`;
  const answer = await fetch(`${edition.url}/v1/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ messageId, senderId, timestamp, targetUrl, body: { a: 1 } }),
  });
  await answer.text();
  return answer.status;
};
const delivered = async (messageId: string) => {
  const [first] = await until(
    async () => receiver.of(messageId),
    (seen) => seen.length > 0,
  );
  if (!first) throw new Error("Nothing was delivered");
  return first;
};

test("a sender that is added can submit at once, and its deliveries have its signature", async () => {
  const { apiKey, whsec } = await added("shop");

  expect(await submit("shop", "local-1", apiKey)).toBe(202);
  const { body, headers } = await delivered("local-1");
  new Webhook(whsec).verify(body.toString(), headers as Record<string, string>);
});

test("a rotation is rehearsed: both secrets sign until the previous one is ended", async () => {
  const { apiKey, whsec: first } = await added("rehearsal");

  const rotated = await run("rotate-secret", ["--sender=rehearsal", "--overlap=7d", "--print"]);
  const second = shown(rotated.out, "Signing secret");
  expect(await submit("rehearsal", "local-2", apiKey)).toBe(202);

  expect(rotated).toMatchObject({ code: 0, err: "" });
  expect(shown(rotated.out, "The previous")).toBe("keep signing for 7d at most");
  const { body, headers } = await delivered("local-2");
  expect(first).not.toBe(second);
  for (const whsec of [first, second])
    new Webhook(whsec).verify(body.toString(), headers as Record<string, string>);
});

test("a key that is revoked is refused, and the sender's other key is not", async () => {
  const { apiKey, hash } = await added("revoked");
  const other = await added("revoked");
  const named = await added("revoked");

  const byHash = await run("revoke-key", [`--hash=${hash}`]);
  const byKey = await run("revoke-key", [], environment, `${named.apiKey}\n`);

  expect(byHash).toMatchObject({ code: 0, err: "" });
  expect(byKey).toMatchObject({ code: 0, err: "" });
  expect(await submit("revoked", "local-3", apiKey)).toBe(401);
  expect(await submit("revoked", "local-3", named.apiKey)).toBe(401);
  expect(await submit("revoked", "local-3", other.apiKey)).toBe(202);
});

test("the access to the table is for its owner alone, also where a file was open to others", async () => {
  const file = join(dataDir, "operator.json");
  const other = await newDataDir();
  await writeFile(join(other, "operator.json"), "{}", { mode: 0o644 });
  await chmod(join(other, "operator.json"), 0o644);

  const second = await startProcess(other);
  const modes = [await stat(file), await stat(join(other, "operator.json"))].map(
    ({ mode }) => mode & 0o777,
  );
  await second.interrupt();

  expect(modes).toEqual([0o600, 0o600]);
  await expect(stat(join(other, "operator.json"))).rejects.toThrow("ENOENT");
  await rm(other, { recursive: true });
});

test("nothing of an operator's command is in the log of the edition", async () => {
  const { apiKey, whsec } = await added("quiet");

  const log = edition.lines.join("\n");
  for (const secret of [apiKey, whsec, whsec.slice("whsec_".length)])
    expect(log).not.toContain(secret);
});

describe("Not done, and said why:", () => {
  const args = ["--sender=shop", "--print"];

  test.each<[Name, readonly string[]]>([
    ["add-sender", args],
    ["rotate-secret", args],
    ["revoke-key", [`--hash=${"x".repeat(43)}`]],
  ])("%s finds no edition running", async (name, given) => {
    const empty = await newDataDir();

    const { code, out, err } = await run(name, given, { POSTRIDER_DATA_DIR: empty });

    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain(
      `Not done. No local edition is running with the data directory ${empty}.`,
    );
    expect(err).toContain("Start it with npm start");
    await rm(empty, { recursive: true });
  });

  test("the edition was killed, and its file is still there", async () => {
    const killed = await newDataDir();
    await (await startProcess(killed)).kill();

    const { code, err } = await run("add-sender", args, { POSTRIDER_DATA_DIR: killed });

    expect(await readFile(join(killed, "operator.json"), "utf8")).toContain("accessKeyId");
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringContaining("No local edition is running"),
    });
    await rm(killed, { recursive: true });
  });

  test("the file has the key of an earlier start", async () => {
    const old = await newDataDir();
    const access = JSON.parse(await readFile(join(dataDir, "operator.json"), "utf8"));
    const stale = { ...access, accessKeyId: "0".repeat(32) };
    await writeFile(join(old, "operator.json"), JSON.stringify(stale));
    await writeFile(join(old, "master-key"), await readFile(join(dataDir, "master-key")));

    const { code, err } = await run("add-sender", args, { POSTRIDER_DATA_DIR: old });

    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringContaining("No local edition is running"),
    });
    await rm(old, { recursive: true });
  });

  test.each(["", "{", "[]", '{"endpoint":"http://198.51.100.7:80","accessKeyId":"a"}'])(
    "the file holds %j, and nothing is asked",
    async (text) => {
      const damaged = await newDataDir();
      await writeFile(join(damaged, "operator.json"), text);

      const { code, err } = await run("add-sender", args, { POSTRIDER_DATA_DIR: damaged });

      expect({ code, err }).toEqual({
        code: 1,
        err: expect.stringContaining("No local edition is running"),
      });
      await rm(damaged, { recursive: true });
    },
  );

  test("the command has another master key than the edition, which could open nothing", async () => {
    const other = Buffer.alloc(32, 7).toString("base64");

    const { code, out, err } = await run("add-sender", ["--sender=foreign", "--print"], {
      ...environment,
      POSTRIDER_MASTER_KEY: other,
    });

    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("has another master key than this command");
    expect(err).not.toContain(other);
  });

  test("a setting of the edition is wrong", async () => {
    const { code, err } = await run("add-sender", args, { ...environment, PORT: "x" });

    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("PORT") });
  });
});

test("--local together with options for AWS, and neither of them, are named fault by fault", async () => {
  const both = await run("rotate-secret", [
    ...["--table=a-table", "--secret=b", "--region=us-east-1", "--overlap=never", "--print"],
  ]);
  const neither = await runCommand("rotate-secret", ["--sender=shop", "--print"], environment);

  expect([both.code, neither.code]).toEqual([2, 2]);
  expect(both.err.split("\n").slice(1, -2)).toEqual([
    "  --sender: is required, such as --sender shop",
    "  --overlap: must be a duration such as 12h or 7d, at most 90d; 0s for none",
    "  --table: cannot be given together with --local",
    "  --secret: cannot be given together with --local",
    "  --region: cannot be given together with --local",
  ]);
  expect(neither.err.split("\n").slice(1, -2)).toEqual([
    "  --table: is required, such as --table postrider-prod-Table…, or --local for the local edition",
    "  --secret: is required, such as --secret arn:aws:secretsmanager:…, or --local for the local edition",
  ]);
});

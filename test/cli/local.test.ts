/** The commands of operators on a local edition that runs. */
import { once } from "node:events";
import { chmod, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import { challengeHeader, proofHeader, proofOf } from "../../adapters/operator-proof.ts";
import { newDataDir, runToEnd, startProcess, until, useEdition } from "../support/edition.ts";
import { openReceiver } from "../support/receiver.ts";
import { type Environment, runCommand, runFile, shown } from "./aws.ts";

type Name = Parameters<typeof runCommand>[0];

const edition = useEdition();
let environment: Environment;
let receiver: Awaited<ReturnType<typeof openReceiver>>;
beforeAll(async () => {
  environment = { POSTRIDER_DATA_DIR: edition.dataDir };
  receiver = await openReceiver();
});
afterAll(() => receiver.close());

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

test("postrider finds the edition, and what it delivers is signed with the secret of the sender", async () => {
  const args = ["send", receiver.url, "--id", "by-command", "--wait", "--json"];
  const { code, out } = await runFile("cli/bin.js", args, environment);
  const senders = await runFile("cli/bin.js", ["senders", "list", "--json"], environment);

  const facts = JSON.parse(await readFile(join(edition.dataDir, "local.json"), "utf8"));
  const { body, headers } = await delivered("by-command");
  new Webhook(facts.signingSecret).verify(body.toString(), headers as Record<string, string>);
  expect({ code, status: JSON.parse(out).status }).toEqual({ code: 0, status: "COMPLETED" });
  expect(senders.out).toContain('"senderId":"demo"');
  expect((await fetch(facts.signInUrl)).status).toBe(200);
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

test("an operator key manages the senders of the edition", async () => {
  const { code, out, err } = await run("add-operator", ["--print"]);

  const headers = { authorization: `Bearer ${shown(out, "API key")}` };
  const answer = await fetch(`${edition.url}/v1/senders/demo`, { headers });

  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect([answer.status, await answer.json()]).toMatchObject([200, { senderId: "demo" }]);
});

test("of rotations at once, each that is done signs, and one that is not says so", async () => {
  const { apiKey, whsec: first } = await added("hurried");

  const all = await Promise.all(
    [1, 2, 3].map(() => run("rotate-secret", ["--sender=hurried", "--print"])),
  );
  expect(await submit("hurried", "local-4", apiKey)).toBe(202);

  const done = all.filter(({ code }) => code === 0);
  const secrets = [first, ...done.map(({ out }) => shown(out, "Signing secret"))];
  const { body, headers } = await delivered("local-4");
  for (const whsec of secrets)
    new Webhook(whsec).verify(body.toString(), headers as Record<string, string>);
  expect(String(headers["webhook-signature"]).split(" ")).toHaveLength(secrets.length);
  for (const { out, err } of all.filter(({ code }) => code !== 0))
    expect({ out, err }).toEqual({
      out: "",
      err: "Not done. Another rotation of this sender was faster. Nothing was changed. Check, then try again.\n",
    });
});

test("--data-dir names the data directory of the edition, whatever the environment says", async () => {
  const named = ["--data-dir", edition.dataDir, "--sender=named", "--print"];
  const elsewhere = { POSTRIDER_DATA_DIR: join(edition.dataDir, "elsewhere") };

  const { code, out, err } = await runCommand("add-sender", named, elsewhere);

  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(await submit("named", "local-5", shown(out, "API key"))).toBe(202);
});

test("the access to the table is for its owner alone, and is removed at a stop", async () => {
  const other = await newDataDir();
  const file = join(other, "operator.json");
  await writeFile(file, "{}");
  await chmod(file, 0o644);

  const second = await startProcess(other);
  const { mode } = await stat(file);
  await second.interrupt();

  expect(mode & 0o777).toBe(0o600);
  await expect(stat(file)).rejects.toThrow("ENOENT");
  await rm(other, { recursive: true });
});

test("a start that fails after it has given the access takes it back", async () => {
  const other = await newDataDir();
  await mkdir(join(other, "local.json.new"));

  const { code, output } = await runToEnd({ PORT: "0", POSTRIDER_DATA_DIR: other });

  expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining("EISDIR") });
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

  const urlOf = async (server: Server): Promise<string> => {
    await once(server.listen(0, "127.0.0.1"), "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  /** A data directory with the access of a start that was killed, and another process at its port. */
  const leftOver = async (url: string) => {
    const dir = await newDataDir();
    const access = JSON.parse(await readFile(join(edition.dataDir, "operator.json"), "utf8"));
    await writeFile(join(dir, "operator.json"), JSON.stringify({ ...access, endpoint: url }));
    await writeFile(join(dir, "master-key"), await readFile(join(edition.dataDir, "master-key")));
    return { dir, accessKeyId: access.accessKeyId as string };
  };

  test("the edition was killed, and its port is another start's", async () => {
    const other = await newDataDir();
    const second = await startProcess(other);
    const { endpoint } = JSON.parse(await readFile(join(other, "operator.json"), "utf8"));
    const { dir } = await leftOver(endpoint);

    const { code, err } = await run("add-sender", args, { POSTRIDER_DATA_DIR: dir });

    await second.interrupt();
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringContaining("No local edition is running"),
    });
    for (const each of [dir, other]) await rm(each, { recursive: true });
  });

  test("the edition was killed, and its port is that of a server which agrees to everything", async () => {
    const heard: string[] = [];
    const server = createServer(({ rawHeaders }, response) => {
      heard.push(...rawHeaders);
      response.setHeader("content-type", "application/json").end("{}");
    });
    const { dir, accessKeyId } = await leftOver(await urlOf(server));

    const { code, out, err } = await run("add-sender", args, { POSTRIDER_DATA_DIR: dir });

    server.close().closeAllConnections();
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("No local edition is running");
    expect(heard.join()).toContain(challengeHeader);
    expect(heard.join()).not.toContain(accessKeyId);
    await rm(dir, { recursive: true });
  });

  test("the edition is killed before it answers a change, which may have been done", async () => {
    const server = createServer(async (request, response) => {
      const challenge = request.headers[challengeHeader];
      const isWrite = String(request.headers["x-amz-target"]).endsWith("PutItem");
      if (isWrite) server.close().closeAllConnections();
      else if (challenge === undefined) response.end("{}");
      else response.setHeader(proofHeader, proofOf(accessKeyId, String(challenge)).toString("hex"));
      response.end();
    });
    const { dir, accessKeyId } = await leftOver(await urlOf(server));

    const { code, out, err } = await run("add-sender", args, { POSTRIDER_DATA_DIR: dir });

    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toBe(
      "It is not known whether this was done. The local edition stopped meanwhile, or is suspended. See its terminal, then try again.\n",
    );
    await rm(dir, { recursive: true });
  });

  test("the file cannot be read", async () => {
    const unreadable = await newDataDir();
    await mkdir(join(unreadable, "operator.json"));

    const { code, err } = await run("add-sender", args, { POSTRIDER_DATA_DIR: unreadable });

    expect({ code, err }).toEqual({
      code: 1,
      err: `Not done. ${join(unreadable, "operator.json")} cannot be read (EISDIR).\n`,
    });
    await rm(unreadable, { recursive: true });
  });

  const impossible = { table: "t", endpoint: "http://127.0.0.1:99999", accessKeyId: "a" };
  test.each(["{", JSON.stringify({ ...impossible, masterKeyId: "" })])(
    "the file is damaged: %s",
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

test("options for a local edition and for AWS at once, and neither, are named fault by fault", async () => {
  const both = await run("rotate-secret", [
    ...["--table=a-table", "--secret=b", "--region=us-east-1", "--overlap=never", "--print"],
  ]);
  const neither = await runCommand("rotate-secret", ["--sender=shop", "--print"], environment);
  const dirAnd = ["--data-dir=", "--table=a-table", "--hash=x"];
  const withDir = await runCommand("revoke-key", dirAnd, environment);

  expect([both.code, neither.code, withDir.code]).toEqual([2, 2, 2]);
  expect(withDir.err.split("\n").slice(1, -2)).toEqual([
    "  --data-dir: must not be empty",
    "  --hash: must be the whole hash of a key: 43 of A-Z a-z 0-9 _ -",
    "  --table: cannot be given together with --data-dir",
  ]);
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

/** The audit of a local edition that has stopped, as npm runs it. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dynamoDbClient } from "../../adapters/clients.ts";
import { systemClock } from "../../adapters/clock.ts";
import { masterKeyVault } from "../../adapters/vault.ts";
import { fingerprintOf } from "../../domain/fingerprint.ts";
import { idInKey } from "../../domain/ids.ts";
import { newMessage } from "../../domain/submission.ts";
import { messageStore } from "../../entities/message.ts";
import type { Storage } from "../../entities/storage.ts";
import { fingerprintMac, sealHeaders } from "../../handlers/secret-headers.ts";
import { ensureTable, startTable, table } from "../../local/embedded-table.ts";
import { compileCache } from "../support/compile-cache.ts";
import { aSubmission, graceMs, policy, utf8 } from "../support/messages.ts";
import { temporaryDataDir } from "./temporary.ts";

const root = join(import.meta.dirname, "../..");
const masterKey = Buffer.alloc(32, "master key of the tests");

const { dataDir, remove } = temporaryDataDir();
const keyless = temporaryDataDir();
afterAll(() => {
  remove();
  keyless.remove();
});

/** Runs something with the table of the data directory, as an edition that is running has it. */
const whileRunning = async (act: (storage: Storage) => Promise<unknown>): Promise<void> => {
  const { stop, ...engine } = await startTable({ dataDir });
  const client = dynamoDbClient({ ...engine, requestTimeoutMs: 30_000 });
  await ensureTable(client, table);
  await act({ client, table });
  client.destroy();
  await stop();
};

const audit = async (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) => {
  const child = spawn(join(root, "node_modules/.bin/node"), ["local/audit.ts", ...args], {
    cwd: root,
    env: { PATH: process.env["PATH"], ...compileCache, POSTRIDER_DATA_DIR: dataDir, ...env },
  });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { code, out, err };
};

/** Every file below, with what is in it. */
const contentOf = async (folder: string): Promise<Readonly<Record<string, string>>> => {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const read = files
    .filter((file) => file.isFile())
    .map(async ({ parentPath, name }) => {
      const file = join(parentPath, name);
      return [file, (await readFile(file)).toString("base64")] as const;
    });
  return Object.fromEntries(await Promise.all(read));
};

/** Of another system, with what a shell, a table and a page would change. */
const messageId = `a/b?c=%2F#~+@=,|"'\\\\<>&`;

describe("An edition that has stopped", () => {
  beforeAll(async () => {
    await writeFile(join(dataDir, "master-key"), masterKey.toString("base64"));
    await whileRunning(async (storage) => {
      const asked = aSubmission({ messageId, body: utf8("canary"), headers: { cookie: "canary" } });
      const vault = masterKeyVault([masterKey]);
      const fingerprint = fingerprintOf(asked, fingerprintMac(vault));
      const facts = { now: systemClock(), graceMs, shards: 8, submitId: "s-1", fingerprint };
      const message = newMessage(asked, policy, facts);
      const headers = sealHeaders(vault, message);
      await messageStore(storage).submit({ ...message, headers });
    });
  });

  test("is judged with its own keys, and nothing of it is changed", async () => {
    const before = await contentOf(dataDir);

    const { code, out, err } = await audit();

    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^1 item read .+\n1 message: 1 PENDING\n\nNothing is wrong\.\n$/);
    expect(await contentOf(dataDir)).toEqual(before);
  });

  test("is judged by its own settings", async () => {
    const few = await audit([], { POSTRIDER_SHARDS: "1" });
    const many = await audit([], { POSTRIDER_SHARDS: "256" });

    // The message is in one of eight shards; which one, its ids say.
    expect([few.code, many.code]).toEqual([1, 0]);
    expect(few.out).toContain("unread-shard: 1 message");
  });

  test("that was damaged ends with 1, and with a line of JSON if that is wanted", async () => {
    await whileRunning(({ client }) =>
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: {
            pk: { S: `$postrider#senderId_shop#messageId_${idInKey(messageId)}` },
            sk: { S: "$history#message_1" },
          },
          UpdateExpression: "SET targetUrl = :url",
          ExpressionAttributeValues: { ":url": { S: "https://canary.example/" } },
        }),
      ),
    );

    const { code, out } = await audit(["--json"]);
    const forPerson = await audit();

    expect(code).toBe(1);
    const [finding, summary] = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(finding).toMatchObject({ rule: "content-changed", messageId });
    expect(forPerson.out).toContain(`    shop/${messageId}: `);
    expect(summary).toMatchObject({ type: "summary", findings: 1, unchecked: 0 });
    expect(out).not.toContain("canary");
  });

  test("without its keys is judged as far as that goes, and none are made", async () => {
    const from = join(dataDir, "table");
    await cp(from, join(keyless.dataDir, "table"), { recursive: true });

    const { code, out } = await audit([], { POSTRIDER_DATA_DIR: keyless.dataDir });

    expect(code).toBe(0);
    expect(out).toContain("The content of 1 message was not checked");
    expect(await readdir(keyless.dataDir)).toEqual(["table"]);
  });
});

describe("Not done, and said why:", () => {
  test("there is no edition there", async () => {
    const empty = join(dataDir, "empty");
    await mkdir(empty);

    const { code, out, err } = await audit([], { POSTRIDER_DATA_DIR: empty });

    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toBe(`Not done. There is no table in ${empty}.\n`);
    expect(await readdir(empty)).toEqual([]);
  });

  test("the edition is running", async () => {
    await writeFile(join(dataDir, "local.json"), JSON.stringify({ pid: process.pid }));

    const { code, err } = await audit();

    expect(code).toBe(2);
    expect(err).toContain("is running. Stop it first.");
  });

  test("its settings are wrong", async () => {
    const { code, err } = await audit([], { POSTRIDER_SHARDS: "none" });

    expect(code).toBe(2);
    expect(err).toContain("POSTRIDER_SHARDS: must be a whole number");
  });

  test("it is asked for what it has not", async () => {
    const { code, err } = await audit(["--table", "x"]);

    expect(code).toBe(2);
    expect(err).toContain("Not an option: --table, x");
  });

  test("and what it has is told", async () => {
    const { code, out } = await audit(["--help"]);

    expect(code).toBe(0);
    expect(out).toContain("npm run audit:local");
  });
});

/** The audit as a person runs it: what it shows, how it ends, and what it never shows. */
import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { systemClock } from "../../adapters/clock.ts";
import { masterKeyVault } from "../../adapters/vault.ts";
import { fingerprintOf } from "../../domain/fingerprint.ts";
import { idInKey } from "../../domain/ids.ts";
import { newMessage, type Submission } from "../../domain/submission.ts";
import { messageStore } from "../../entities/message.ts";
import { fingerprintMac, sealHeaders } from "../../handlers/secret-headers.ts";
import { aSubmission, dayMs, graceMs, policy, utf8 } from "../support/messages.ts";
import { masterKey } from "../support/service.ts";
import { useTable } from "../support/table.ts";
import {
  type Environment,
  environmentFor,
  runCommand,
  runFile,
  runProcess,
  secretsManager,
  standIn,
} from "./aws.ts";

const secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:MasterKey-abc";
const vault = masterKeyVault([masterKey]);

const table = useTable();
let secrets: Awaited<ReturnType<typeof secretsManager>>;
let environment: Environment;

beforeAll(async () => {
  secrets = await secretsManager({ [secret]: masterKey.toString("base64"), broken: "kaputt!" });
  environment = await environmentFor(table, secrets.url);
});
afterAll(() => secrets.close());

const audit = (...more: readonly string[]) =>
  runCommand("audit", ["--table", table.storage.table, "--units", "1000000", ...more], environment);

/** Stores a message as a submit does, at this moment. */
const store = async (asked: Partial<Submission>): Promise<void> => {
  const submission = aSubmission({ body: utf8("canary-body"), ...asked });
  const fingerprint = fingerprintOf(submission, fingerprintMac(vault));
  const facts = { now: systemClock(), graceMs, shards: 8, submitId: "s-1", fingerprint };
  const message = newMessage(submission, policy, facts);
  await messageStore(table.storage).submit({ ...message, headers: sealHeaders(vault, message) });
};
/** Sets one attribute of a message, as somebody beside the product would. */
const set = (messageId: string, name: string, value: string | number) =>
  table.storage.client.send(
    new UpdateItemCommand({
      TableName: table.storage.table,
      Key: {
        pk: { S: `$postrider#senderId_shop#messageId_${idInKey(messageId)}` },
        sk: { S: "$history#message_1" },
      },
      UpdateExpression: "SET #name = :value",
      ExpressionAttributeNames: { "#name": name },
      ExpressionAttributeValues: {
        ":value": typeof value === "number" ? { N: String(value) } : { S: value },
      },
    }),
  );

describe("A table in which all is well", () => {
  beforeAll(async () => {
    await store({ messageId: "plain" });
    await store({ messageId: "secret", headers: { authorization: "Bearer canary" } });
  });

  test("ends with 0, and the result alone is on standard output", async () => {
    const { code, out, err } = await audit("--secret", secret);

    expect(code).toBe(0);
    expect(out).toMatch(
      /^2 items read for .+ read units?\n2 messages: 2 PENDING\n\nNothing is wrong\.\n$/,
    );
    expect(err).toMatch(/has about|has not counted/);
    expect(err).toContain("items, 0 findings");
  });

  test("is not called damaged for what cannot be checked without the keys", async () => {
    const { code, out } = await audit();

    expect(code).toBe(0);
    expect(out).toContain("The content of 1 message was not checked: with secret headers");
  });
});

/** Every character that an id may have, but the letters and digits. */
const oddId = `a/b?c=%2F#~+@,|"'\\\\<>&;:.!$()*-[]^_\`{}`;

describe("A table with damages", () => {
  beforeAll(async () => {
    await store({ messageId: "lost" });
    await set("lost", "dueShard", "9");
    await store({ messageId: "stuck" });
    await set("stuck", "status", "\u001b[2J\u009bSENT\u202e\u{e0001}");
    await store({ messageId: "changed" });
    await set("changed", "targetUrl", "https://canary.example/");
    await store({ messageId: oddId });
    await set(oddId, "dueAt", systemClock() + 3650 * dayMs);
  });

  test("ends with 1, and says of each what is wrong and what to do", async () => {
    const { code, out } = await audit("--secret", secret);

    expect(code).toBe(1);
    expect(out).toContain(
      [
        "unread-shard: 1 message",
        "  The message is in a shard of the due index that the dispatcher does not read.",
        "  To do: If POSTRIDER_SHARDS was lowered, raise it again. If not, set dueShard to its senderShard.",
        '    shop/lost: dueShard is "9", and 0 to 7 are read',
      ].join("\n"),
    );
    for (const line of ["content-changed: 1 message", "check-too-late: 1 message"])
      expect(out).toContain(line);
    expect(out).not.toContain("Nothing is wrong");
  });

  test("ends postrider audit with 4, and what could not be done with 1 or 2", async () => {
    const postrider = (...args: readonly string[]) =>
      runFile("cli/bin.js", ["audit", ...args], environment);

    const [found, unread, wrong, help] = await Promise.all([
      postrider("--table", table.storage.table, "--units", "1000000"),
      postrider("--table", "no-such-table"),
      postrider("--table=a-table", "--shards=x", "--colour=red"),
      postrider("--help"),
    ]);

    expect([found, unread, wrong, help].map(({ code }) => code)).toEqual([4, 1, 2, 0]);
    expect(found.out).toContain("unread-shard: 1 message");
    expect(unread.err).toContain("There is no table no-such-table");
    expect(wrong.err).toContain("--colour: is not an option\n  --shards: must be a whole number");
    expect(wrong.err).toContain("Run postrider audit --help");
    expect(help.out).toContain("Usage: postrider audit --table");
  });

  test("is judged by the shards that it is told of", async () => {
    const { code, out } = await audit("--shards=16");

    expect(code).toBe(1);
    expect(out).not.toContain("unread-shard");
  });

  test("moves no cursor with what somebody has stored", async () => {
    const [{ out }, json] = await Promise.all([audit(), audit("--json")]);

    expect(out).toMatch(/shop\/stuck: its status is .*2J.*SENT/);
    expect(out + json.out).not.toMatch(/[^\P{C}\n]/u);
    const [stuck] = json.out.split("\n").filter((line) => line.includes("stuck"));
    expect(JSON.parse(stuck ?? "").evidence).toBe(
      `its status is ${JSON.stringify("\u001b[2J\u009bSENT\u202e\u{e0001}")}`,
    );
  });

  test("is shown with message ids as they are", async () => {
    const [{ out }, json] = await Promise.all([audit(), audit("--json")]);

    expect(out).toContain(`    shop/${oddId}: `);
    const findings = json.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(findings.map(({ messageId }) => messageId)).toContain(oddId);
  });

  test("is one line of JSON a finding, and one for the summary", async () => {
    const { code, out } = await audit("--json", "--secret", secret);

    const lines = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(code).toBe(1);
    expect(lines.slice(0, -1).map(({ type, rule }) => [type, rule])).toEqual(
      expect.arrayContaining([
        ["finding", "unread-shard"],
        ["finding", "unknown-status"],
        ["finding", "content-changed"],
        ["finding", "check-too-late"],
      ]),
    );
    expect(lines).toHaveLength(5);
    expect(lines.at(-1)).toMatchObject({
      ...{ type: "summary", isWhole: true, items: 6, messages: 6, findings: 4, unchecked: 0 },
      byStatus: { PENDING: 5, unreadable: 1 },
    });
    expect(lines[0]).toMatchObject({
      ...{ senderId: "shop", messageId: expect.any(String), evidence: expect.any(String) },
      ...{ wrong: expect.stringMatching(/\.$/), remedy: expect.stringMatching(/\.$/) },
    });
  });

  test("is shown without anything that was sent, and without any key", async () => {
    const answers = await Promise.all([audit("--secret", secret), audit("--json")]);

    for (const { out, err } of answers) {
      expect(out + err).not.toMatch(/canary/);
      expect(out + err).not.toContain(masterKey.toString("base64"));
    }
  });
});

describe("What it could not do", () => {
  test("ends with 2 and says so: there is no such table", async () => {
    const { code, out, err } = await runCommand("audit", ["--table", "none"], environment);

    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("Not done. There is no table none in this account and region.");
  });

  test("ends with 2 and says so: the secret holds no key, of which nothing is shown", async () => {
    const { code, out, err } = await audit("--secret", "broken");

    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("The master keys in the secret broken cannot be used");
    expect(err).not.toContain("kaputt");
  });

  test("after hours keeps what was found, and ends with 2", async () => {
    let scans = 0;
    const failing = await standIn((operation) => {
      if (operation === "DescribeTable")
        return { Table: { ItemCount: 8, TableSizeBytes: 6.5536e10 } };
      scans += 1;
      const page = {
        Items: [{ pk: { S: "a" }, sk: { S: "b" } }],
        LastEvaluatedKey: { pk: { S: "a" } },
      };
      return scans === 1 ? page : { __type: "ExpiredTokenException" };
    });
    const args = ["--table", "any", "--segments", "1"];

    const ended = await runCommand("audit", args, {
      ...environment,
      AWS_ENDPOINT_URL_DYNAMODB: failing.url,
    });

    failing.close();
    expect(ended.code).toBe(2);
    expect(ended.err).toContain("8 items");
    expect(ended.err).toContain("8,000,000 read units: about $1.00 (on demand, us-east-1)");
    expect(ended.out).toContain("1 item read for 0 read units; there are more");
    expect(ended.out).toContain("The audit ended early: The AWS credentials have expired.");
  });

  test("ends with 2 where the fault is ours, and not with what a damaged table ends with", async () => {
    const odd = await standIn((operation) =>
      operation === "DescribeTable" ? { Table: {} } : { Items: [null] },
    );

    const { code, err } = await runProcess("audit", ["--table", "any"], {
      ...environment,
      AWS_ENDPOINT_URL_DYNAMODB: odd.url,
    });

    odd.close();
    expect(code).toBe(2);
    expect(err).toContain("TypeError");
  });

  test("ends with 3 where --limit left some out and nothing is wrong in what was read", async () => {
    const large = await standIn((operation) =>
      operation === "DescribeTable"
        ? { Table: { ItemCount: 0, TableSizeBytes: 0 } }
        : { Items: [{ pk: { S: "a" }, sk: { S: "b" } }], LastEvaluatedKey: { pk: { S: "a" } } },
    );

    const { code, out, err } = await runCommand("audit", ["--table", "any", "--limit", "1"], {
      ...environment,
      AWS_ENDPOINT_URL_DYNAMODB: large.url,
    });

    large.close();
    expect(code).toBe(3);
    expect(out).toContain("Nothing is wrong in what was read.");
    expect(err).toContain("its cost is unknown: at most 100 read units a second. Ctrl-C stops it.");
  });

  test("is not begun with wrong options, each of which is named", async () => {
    const { code, out, err } = await runCommand(
      "audit",
      [
        ...["--tabel=x", "--shards=0", "--grace=soon", "--late", "--units=1.5", "--segments=1000"],
        ...["--limit=0", "--json=yes", "--region=here"],
      ],
      environment,
    );

    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err.split("\n").map((line) => line.trim().split(":")[0])).toEqual([
      "Nothing was done. The command has 10 faults",
      ...["--tabel", "--late", "--json", "--table", "--shards", "--grace"],
      ...["--units", "--segments", "--limit", "--region"],
      ...["Run npm run audit -- --help for the options.", ""],
    ]);
  });
});

import { execFile } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Message } from "../../domain/message.ts";
import { attemptStore } from "../../entities/attempt.ts";
import { messageStore } from "../../entities/message.ts";
import { messageEntity } from "../../entities/message-entity.ts";
import { payloadStore } from "../../entities/payload.ts";
import { readTable, type Stored } from "../../proof/audit/stored.ts";
import { auditTable, type TableAudit } from "../../proof/audit/table-audit.ts";
import { aMessage, anOutcome, dayMs, minuteMs, t0, utf8 } from "../support/messages.ts";
import { openTable, type TestTable } from "../support/table.ts";

let table: TestTable;
const now = t0 + 60 * minuteMs;

const ended = { dueAt: undefined, dueShard: undefined, notBefore: undefined };
const accepted = anOutcome({ class: "accepted", status: 200 });

/** Stores an item as it is, however wrong. */
const store = (message: Partial<Message>): Promise<unknown> =>
  messageEntity(table.storage)
    .put({ ...aMessage(message) } as never)
    .go();

const audit = (
  options: Partial<Parameters<typeof auditTable>[1]> = {},
  storage = table.storage,
): Promise<TableAudit> =>
  auditTable(storage, {
    ...{ clock: () => now, unitsPerSecond: 1e9, itemsMax: Number.POSITIVE_INFINITY },
    ...{ strandedAfterMs: 10 * minuteMs, note: () => {}, ...options },
  });

const readAll = async (pageItems?: number): Promise<readonly Stored[]> => {
  const stored: Stored[] = [];
  for await (const page of readTable(table.storage, () => now, pageItems))
    stored.push(...page.messages);
  return stored;
};

beforeAll(async () => {
  table = await openTable();
});
afterAll(() => table.close());

test("A table in which all is well has nothing broken, and its messages are counted", async () => {
  const messages = messageStore(table.storage);
  await messages.submit(aMessage({ messageId: "waiting", dueAt: now }));
  const large = aMessage({ messageId: "large", dueAt: now, payload: true });
  await payloadStore(table.storage).put(large, { body: utf8("canary-body") });
  await messages.submit(large);
  await store({
    messageId: "fine",
    ...ended,
    status: "COMPLETED",
    attempts: 2,
    lastOutcome: accepted,
  });
  await attemptStore(table.storage).record({
    ...{ ...aMessage({ messageId: "fine" }), number: 1, class: "status", status: 500 },
    ...{ startedAt: t0, durationMs: 5, responseText: "canary-answer" },
  });

  const { broken, byStatus, items } = await audit();

  expect(broken).toEqual({});
  expect(byStatus).toEqual({ PENDING: 2, COMPLETED: 1 });
  expect(items).toBe(5);
});

test("Read an item at a time, a message and what belongs to it still come together", async () => {
  const whole = await readAll();

  const piecemeal = await readAll(1);

  expect(piecemeal).toEqual(whole);
  expect(whole.map(({ hasPayload }) => hasPayload)).toEqual([true, true, true]);
  expect(whole.flatMap(({ attempts }) => attempts)).toHaveLength(1);
});

test("What was sent, and what a target said, is not even read", async () => {
  await store({ messageId: "inline", dueAt: now, headers: { "x-a": "canary-header" } });

  const read = JSON.stringify(await readAll());

  expect(read).toContain("inline");
  expect(read).not.toContain("canary");
});

test("What is sound is read once; what moved on while it was read is not reported", async () => {
  const racing = { messageId: "racing", dueAt: now };
  await store({ ...racing, dueAt: undefined, dueShard: undefined });
  const commands: (string | undefined)[] = [];
  const storage = table.through({});
  storage.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        commands.push(commandName);
        // Between the scan that found it broken and the second look.
        if (commandName === "ScanCommand") await store(racing);
        return answer;
      },
    { step: "initialize" },
  );

  const { broken } = await audit({}, storage);

  expect(broken).toEqual({});
  expect(commands).toEqual(["ScanCommand", "QueryCommand"]);
});

test("An audit that is limited stops, and says that there is more", async () => {
  const { isPartial } = await audit({ itemsMax: 1, pageItems: 1 });

  expect(isPartial).toBe(true);
});

const wrongs: readonly [string, string, Partial<Message>][] = [
  ["ends", "nobody has looked at", { dueAt: now - 11 * minuteMs }],
  ["ends", "is in no index", { dueAt: undefined, dueShard: undefined }],
  ["indexed", "has ended and is due", { status: "COMPLETED", lastOutcome: accepted, attempts: 1 }],
  [
    "earned",
    "is COMPLETED by a refusal",
    { ...ended, status: "COMPLETED", lastOutcome: anOutcome() },
  ],
  [
    "accountable",
    "FAILED for no reason",
    { ...ended, status: "FAILED", failedShard: "shop#0", failedAt: t0 },
  ],
  ["counted", "was tried too often", { dueAt: now, attempts: 11 }],
  ["kept", "may expire while it is alive", { dueAt: now, giveUpAt: t0 + 400 * dayMs }],
  ["unchanged", "has lost its content", { dueAt: now, payload: true }],
];

describe("What is wrong with a table is found:", () => {
  test.each(wrongs)("%s: a message that %s", async (invariant, what, message) => {
    const messageId = what.replaceAll(" ", "-");
    await store({ messageId, ...message });

    const { broken, examples } = await audit();

    expect(Object.keys(broken)).toContain(invariant);
    expect(examples.filter((each) => each.message === `shop/${messageId}`)).toEqual(
      expect.arrayContaining([expect.objectContaining({ invariant })]),
    );
  });

  test("accountable: an attempt that was never claimed", async () => {
    await store({ messageId: "unclaimed", dueAt: now });
    await attemptStore(table.storage).record({
      ...{ ...aMessage({ messageId: "unclaimed" }), number: 1, class: "status", status: 500 },
      ...{ startedAt: t0, durationMs: 5 },
    });

    const { examples } = await audit();

    expect(examples).toContainEqual({
      ...{ invariant: "accountable", message: "shop/unclaimed" },
      what: "attempt 1 was never claimed",
    });
  });
});

describe("The command", () => {
  const run = async (...args: readonly string[]) => {
    const script = join(import.meta.dirname, "../../proof/audit/main.ts");
    return new Promise<{ code: number; output: string }>((resolve) => {
      execFile(process.execPath, [script, ...args], { env: {} }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
      );
    });
  };

  test("says what is broken, with examples, and shows nothing that was sent", async () => {
    const { endpoint } = await clientEndpoint();

    const { code, output } = await run("--table", table.storage.table, "--endpoint", endpoint);

    expect(code).toBe(1);
    expect(output).toMatch(/to read .*read units a second at most/);
    expect(output).toContain('break "ends"');
    expect(output).toContain("shop/is-in-no-index: PENDING, and nobody will look at it");
    expect(output).not.toMatch(/canary/);
  });

  test("says what it wants, if it is not told", async () => {
    const nothing = await run();
    const nonsense = await run("--table", "x", "--stranded-after", "soon");

    expect(nothing).toMatchObject({ code: 2, output: expect.stringContaining("--table") });
    expect(nonsense).toMatchObject({ code: 2, output: expect.stringContaining("10m") });
  });
});

/** Where the table of this file is. */
const clientEndpoint = async () => {
  const { protocol, hostname, port } =
    (await table.storage.client.config.endpoint?.()) ?? ({} as Record<string, string>);
  return { endpoint: `${protocol}//${hostname}:${port}` };
};

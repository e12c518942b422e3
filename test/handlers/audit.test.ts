/** Each damage to what is stored is one finding, of its own rule; a table in which all is well has none. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type AttributeValue,
  DeleteItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, test } from "@jest/globals";
import { masterKeyVault } from "../../adapters/vault.ts";
import { auditRules, type RuleId } from "../../domain/audit.ts";
import type { AuditFinding } from "../../domain/audit-rule.ts";
import { fingerprintApart, fingerprintOf } from "../../domain/fingerprint.ts";
import type { Message } from "../../domain/message.ts";
import { dueFor } from "../../domain/schedule.ts";
import { failedShardOf } from "../../domain/shard.ts";
import { newMessage, type Submission } from "../../domain/submission.ts";
import { attemptStore } from "../../entities/attempt.ts";
import { messageStore } from "../../entities/message.ts";
import { payloadStore } from "../../entities/payload.ts";
import { storedItems } from "../../entities/stored.ts";
import { type AuditAsk, type AuditCounts, auditTable } from "../../handlers/audit/audit-table.ts";
import { contentWith } from "../../handlers/audit/content.ts";
import { fingerprintMac, sealHeaders } from "../../handlers/secret-headers.ts";
import { awsError } from "../support/faults.ts";
import {
  aMessageId,
  aSubmission,
  dayMs,
  graceMs,
  hourMs,
  leaseMs,
  minuteMs,
  policy,
  t0,
  utf8,
} from "../support/messages.ts";
import { openTable, useTable } from "../support/table.ts";

const years = 10 * 365 * dayMs;
const shards = 2;
const vault = masterKeyVault([Buffer.alloc(32, "master key of the tests")]);

const table = useTable();

const facts = { shards, graceMs, lateMs: 10 * minuteMs, clockMarginMs: minuteMs };

type Audited = AuditCounts & { readonly found: readonly AuditFinding[] };

const auditAt = async (
  now: number,
  overrides: Partial<AuditAsk> = {},
  storage = table.storage,
): Promise<Audited> => {
  const found: AuditFinding[] = [];
  const counts = await auditTable(
    { stored: storedItems(storage), clock: () => now, sleep: async () => {} },
    {
      ...{ ...facts, segments: 2, unitsPerSecond: 100, itemsMax: Number.POSITIVE_INFINITY },
      ...{ pageItems: 100, contentOf: contentWith(vault) },
      onFinding: (finding) => void found.push(finding),
      onPage: () => {},
      ...overrides,
    },
  );
  return { ...counts, found };
};

/** What is found wrong with one message: rule and evidence. */
const findingsOf = async (messageId: string, now: number, overrides: Partial<AuditAsk> = {}) => {
  const { found } = await auditAt(now, overrides);
  return found
    .filter((finding) => finding.messageId === messageId)
    .map(({ rule, evidence }) => [rule, evidence]);
};

const factsOf = (asked: Submission) => ({
  ...{ now: t0, graceMs, shards, submitId: "s-1" },
  fingerprint: fingerprintOf(asked, fingerprintMac(vault)),
});

/** A body that its value does not say to the byte. */
const spelled = {
  bodyType: "json",
  body: utf8(`{ "b": 1.0, "a": "${"x".repeat(3000)}" }`),
} as const;

/** A message as the product writes it: by its stores, and step by step. */
const write = {
  pending: async (asked: Partial<Submission> = {}): Promise<Message> => {
    const submission = aSubmission({ messageId: aMessageId(), ...asked });
    const message = newMessage(submission, policy, factsOf(submission));
    const sealed = { ...message, headers: sealHeaders(vault, message) };
    await messageStore(table.storage).submit(sealed);
    return sealed;
  },
  /** As where no index of all messages is kept. */
  unlisted: async (): Promise<Message> => {
    const asked = aSubmission({ messageId: aMessageId() });
    const message = newMessage(asked, policy, { ...factsOf(asked), listAll: false });
    await messageStore(table.storage).submit(message);
    return message;
  },
  far: () => write.pending({ deliverAt: t0 + 2 * hourMs }),
  withPayload: async (asked: Partial<Submission> = {}): Promise<Message> => {
    const submission = aSubmission({
      messageId: aMessageId(),
      body: utf8("a".repeat(3000)),
      ...asked,
    });
    const message = newMessage(submission, policy, factsOf(submission));
    const { headers, body, ...rest } = message;
    const fingerprint = fingerprintApart(message.fingerprint, message);
    const stored = { ...rest, fingerprint, payload: true };
    await payloadStore(table.storage).put(stored, { headers, body });
    await messageStore(table.storage).submit(stored);
    return stored;
  },
  queued: async (asked: Partial<Submission> = {}): Promise<Message> => {
    const message = await write.pending(asked);
    return done(messageStore(table.storage).enqueue(message, { now: t0, seen: seenOf(message) }));
  },
  processing: async (asked: Partial<Submission> = {}): Promise<Message> => {
    const message = await write.queued(asked);
    return done(
      messageStore(table.storage).claim(message, {
        ...{
          now: t0,
          seen: seenOf(message),
          notAfter: { notBefore: t0, dueAt: Number.MAX_SAFE_INTEGER },
        },
        set: { owner: "owner-1", leaseUntil: t0 + leaseMs },
      }),
    );
  },
  completed: async (asked: Partial<Submission> = {}): Promise<Message> => {
    const message = await write.processing(asked);
    const lastOutcome = { attempt: 1, class: "accepted", status: 200, at: t0 };
    const change = { now: t0, seen: seenOf(message), owner: message.owner };
    return done(messageStore(table.storage).complete(message, { ...change, set: { lastOutcome } }));
  },
  retried: async (asked: Partial<Submission> = {}): Promise<Message> => {
    const message = await refused(asked);
    const due = dueFor(t0 + 5000, t0, graceMs);
    const change = { now: t0, seen: seenOf(message), owner: message.owner };
    const set = { ...due, lastOutcome: outcome503 };
    return done(messageStore(table.storage).retry(message, { ...change, set }));
  },
  failed: async (asked: Partial<Submission> = {}): Promise<Message> => {
    const message = await refused(asked);
    const failedShard = failedShardOf(message, message.senderShard);
    const change = { now: t0, seen: seenOf(message), owner: message.owner };
    const set = { failReason: "gone", failedShard, lastOutcome: outcome503 } as const;
    return done(messageStore(table.storage).fail(message, { ...change, set }));
  },
  /** Its history has the accepted attempt too, as of one that was replayed. */
  keptAsDelivered: async (): Promise<Message> => {
    const message = await write.completed();
    const delivered = { ...attemptOf(message), class: "accepted", status: 200 };
    await attemptStore(table.storage).record(delivered);
    return message;
  },
  /** `isDone`: nobody died after the mark. */
  erased: async (asked: Partial<Submission> = {}, isDone = true): Promise<Message> => {
    const message = await write.withPayload(asked);
    const messages = messageStore(table.storage);
    const cancelled = await done(messages.cancel(message, { now: t0 }));
    const set = { erasedAt: t0, payload: true };
    if (isDone) await payloadStore(table.storage).erase(message);
    return done(messages.erase(cancelled, { now: t0, set }));
  },
  cancelled: async (): Promise<Message> => {
    const message = await write.queued();
    return done(messageStore(table.storage).cancel(message, { now: t0 }));
  },
  replayed: async (): Promise<Message> => {
    const message = await write.failed();
    const ttl = message.ttl + 60;
    await attemptStore(table.storage).record({ ...attemptOf(message), ttl });
    const set = {
      owner: "replay-1",
      attemptsAllowed: 11,
      attemptsBefore: 1,
      giveUpAt: t0 + 4 * dayMs,
      ttl,
    };
    const due = { ...dueFor(t0 + minuteMs, t0, graceMs), dueShard: message.senderShard };
    return done(
      messageStore(table.storage).replay(message, {
        ...{ now: t0 + minuteMs, seen: message, set: { ...set, ...due } },
      }),
    );
  },
};

const outcome503 = { attempt: 1, class: "status", status: 503, at: t0 };
const seenOf = ({ attempts, notBefore }: Message) => ({ attempts, notBefore });
const attemptOf = ({ senderId, messageId, submitId, ttl }: Message) => ({
  ...{ senderId, messageId, submitId, ttl, number: 1, class: "status", status: 503 },
  ...{ startedAt: t0, durationMs: 5, responseText: "canary-answer" },
});
const refused = async (asked: Partial<Submission>): Promise<Message> => {
  const message = await write.processing(asked);
  await attemptStore(table.storage).record(attemptOf(message));
  return message;
};
const done = async (
  change: Promise<{ kind: "done"; message: Message } | { kind: "lost" }>,
): Promise<Message> => {
  const changed = await change;
  if (changed.kind === "lost") throw new Error("The change was refused");
  return changed.message;
};

type Given = Readonly<Record<string, AttributeValue | undefined>>;
const n = (value: number): AttributeValue => ({ N: String(value) });
const s = (value: string): AttributeValue => ({ S: value });
const pkOf = ({ senderId, messageId }: Message) =>
  s(`$postrider#senderId_${senderId}#messageId_${messageId}`);

/** Changes attributes of an item in place, as only somebody beside the product would. */
const damage = async (message: Message, given: Given, sk = "$history#message_1"): Promise<void> => {
  const entries = Object.entries(given);
  if (entries.length === 0) return;
  const set = entries.flatMap(([, value], at) => (value ? [`#${at} = :${at}`] : []));
  const remove = entries.flatMap(([, value], at) => (value ? [] : [`#${at}`]));
  await table.storage.client.send(
    new UpdateItemCommand({
      TableName: table.storage.table,
      Key: { pk: pkOf(message), sk: s(sk) },
      UpdateExpression: [
        ...(set.length > 0 ? [`SET ${set.join(", ")}`] : []),
        ...(remove.length > 0 ? [`REMOVE ${remove.join(", ")}`] : []),
      ].join(" "),
      ExpressionAttributeNames: Object.fromEntries(entries.map(([name], at) => [`#${at}`, name])),
      ...(set.length > 0 && {
        ExpressionAttributeValues: Object.fromEntries(
          entries.flatMap(([, value], at) => (value ? [[`:${at}`, value]] : [])),
        ),
      }),
    }),
  );
};

/** The moment at which most are audited: everything is under way, and nothing is late. */
const soon = t0 + minuteMs;

describe("A table in which all is well", () => {
  test("has no finding, in whatever state its messages are", async () => {
    const written = await Promise.all([
      ...[write.pending(), write.far(), write.queued(), write.processing(), write.completed()],
      ...[write.retried(), write.failed(), write.cancelled(), write.replayed()],
      ...[write.keptAsDelivered(), write.unlisted()],
      ...[write.erased(), write.erased({ headers: { authorization: "Bearer canary" } })],
      ...[write.withPayload(), write.withPayload({ headers: { "x-a": "b" } })],
      ...[write.withPayload(spelled), write.pending({ ...spelled, body: utf8('{ "b": 1.0 }') })],
      write.pending({ headers: { authorization: "Bearer canary" }, body: utf8("canary-body") }),
      write.pending({
        ...{ giveUpAt: t0 + dayMs, maxAttempts: 3, scheduleMs: [1000, 2000], timeoutMs: 5000 },
        ...{ retentionDays: 3, method: "PUT", bodyType: "text", deliverAt: t0 + 30_000 },
        redact: "bhr",
      }),
    ]);

    const { found, messages, unchecked, byStatus } = await auditAt(soon);

    expect(found).toEqual([]);
    expect({ messages, unchecked }).toEqual({ messages: written.length, unchecked: 0 });
    expect(Object.values(byStatus).reduce((sum, count) => sum + count)).toBe(written.length);
  });

  test("is judged alike an item at a time, and in many segments", async () => {
    const whole = await auditAt(soon);

    const piecemeal = await auditAt(soon, { pageItems: 1, segments: 7 });

    expect(piecemeal).toEqual({ ...whole, readUnits: piecemeal.readUnits });
  });

  test("may have payloads of submits that came to nothing, which are not the message's", async () => {
    const message = await write.withPayload();
    for (const fingerprint of ["-first", "zzz-last"])
      await payloadStore(table.storage).put({ ...message, fingerprint }, { body: utf8("other") });

    const { found, unchecked } = await auditAt(soon);

    expect({ found, unchecked }).toEqual({ found: [], unchecked: 0 });
  });

  test("is read without what targets answered", async () => {
    await write.failed();
    const pages: unknown[] = [];

    for await (const page of storedItems(table.storage).scan({
      ...{ segment: 0, segments: 1, pageItems: 100 },
    }))
      pages.push(page);

    expect(JSON.stringify(pages)).toContain('"durationMs":5');
    expect(JSON.stringify(pages)).not.toContain("canary-answer");
  });

  test("without the keys has messages that cannot be checked, and no finding for that", async () => {
    const { messageId } = await write.pending({ headers: { cookie: "canary" } });
    await damage({ senderId: "shop", messageId } as Message, { targetUrl: s("https://other/") });

    const keyless = await auditAt(soon, { contentOf: contentWith(undefined) });

    expect(keyless.found).toEqual([]);
    expect(keyless.unchecked).toBeGreaterThanOrEqual(2);
    expect(await findingsOf(messageId, soon)).toEqual([["content-changed", expect.anything()]]);
  });
});

test("What version 1 wrote has no finding", async () => {
  const old = await openTable();
  const { items, masterKey, writtenAt } = JSON.parse(
    readFileSync(join(import.meta.dirname, "../cases/items-v1.json"), "utf8"),
    (name, value) => (name === "B" ? Buffer.from(value, "base64") : value),
  );
  for (const Item of Object.values(items) as Record<string, AttributeValue>[])
    await old.storage.client.send(new PutItemCommand({ TableName: old.storage.table, Item }));
  const contentOf = contentWith(masterKeyVault([Buffer.from(masterKey, "base64")]));

  const { found, messages, unchecked } = await auditAt(
    Date.parse(writtenAt) + 30_000,
    { contentOf },
    old.storage,
  );

  await old.close();
  expect(found).toEqual([]);
  expect({ messages, unchecked }).toEqual({ messages: 10, unchecked: 0 });
});

describe("While the table is in use", () => {
  /** Lets something happen after the answer to the first command of a kind. */
  const after = (command: string, happens: () => Promise<unknown>) => {
    const commands: unknown[] = [];
    const storage = table.through({});
    storage.client.middlewareStack.add(
      (next, { commandName = "" }) =>
        async (args) => {
          const answer = await next(args);
          const { ConsistentRead } = args.input as { ConsistentRead?: boolean };
          commands.push([commandName, ConsistentRead]);
          if (commandName === command) await happens();
          return answer;
        },
      { step: "initialize" },
    );
    return { storage, commands };
  };

  test("what has moved on since it was scanned is not reported", async () => {
    const message = await write.queued();
    await damage(message, { dueAt: undefined });
    const { storage, commands } = after("ScanCommand", () =>
      damage(message, { dueAt: n(t0 + graceMs) }),
    );

    const { found } = await auditAt(soon, { segments: 1 }, storage);

    expect(found.filter(({ messageId }) => messageId === message.messageId)).toEqual([]);
    expect(commands).toContainEqual(["QueryCommand", true]);
  });

  test("what is larger than a page is read again to its end", async () => {
    const message = await write.withPayload();
    for (const fingerprint of ["-1", "-2", "-3", "-4"])
      await payloadStore(table.storage).put(
        { ...message, fingerprint },
        { body: new Uint8Array(350_000) },
      );
    await damage(message, { dueAt: undefined });

    expect(await findingsOf(message.messageId, soon)).toEqual([
      ["not-due", "PENDING without dueAt"],
    ]);
    await clear();
  });

  test("what is gone since it was scanned is not reported, nor counted", async () => {
    const message = await write.queued();
    await damage(message, { dueAt: undefined });
    const before = await auditAt(soon);
    const remove = () =>
      table.storage.client.send(
        new DeleteItemCommand({
          TableName: table.storage.table,
          Key: { pk: pkOf(message), sk: s("$history#message_1") },
        }),
      );
    const { storage } = after("ScanCommand", remove);

    const { found, messages } = await auditAt(soon, { segments: 1 }, storage);

    expect(found.filter(({ messageId }) => messageId === message.messageId)).toEqual([]);
    expect(messages).toBe(before.messages - 1);
  });

  test("what is sound costs no second look", async () => {
    const other = await openTable();
    await messageStore(other.storage).submit(
      newMessage(aSubmission(), policy, factsOf(aSubmission())),
    );
    const commands: (string | undefined)[] = [];
    other.storage.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          commands.push(commandName);
          return next(args);
        },
      { step: "initialize" },
    );

    await auditAt(soon, { segments: 1 }, other.storage);

    await other.close();
    expect(commands).toEqual(["ScanCommand"]);
  });
});

describe("An audit", () => {
  test("an audit with a limit stops there, and says that there is more", async () => {
    await Promise.all([write.queued(), write.queued(), write.queued()]);

    const some = await auditAt(soon, { itemsMax: 1, pageItems: 1 });
    const all = await auditAt(soon, { itemsMax: 1e6, pageItems: 1 });
    const allAtOnce = await auditAt(soon, { itemsMax: 1, segments: 1 });

    expect([some, all, allAtOnce].map(({ isPartial }) => isPartial)).toEqual([true, false, false]);
    expect(some.items).toBeLessThan(all.items);
  });

  test("waits after each page for as long as its share of the read units takes", async () => {
    await Promise.all([write.queued(), write.queued()]);
    const waits: number[] = [];
    const units: number[] = [];
    let before = 0;

    await auditTable(
      {
        ...{ stored: storedItems(table.storage), clock: () => soon },
        sleep: async (ms) => void waits.push(ms),
      },
      {
        ...{ ...facts, segments: 1, unitsPerSecond: 2, itemsMax: 3, pageItems: 1 },
        ...{ contentOf: contentWith(vault), onFinding: () => {} },
        onPage: ({ readUnits }) => {
          units.push(readUnits - before);
          before = readUnits;
        },
      },
    );

    expect(waits).toEqual(units.slice(0, 2).map((each) => each * 500));
    expect(Math.min(...waits)).toBeGreaterThan(0);
  });

  test("an audit in two segments waits twice as long after each page", async () => {
    const waits: number[] = [];
    const pages: number[] = [];
    let before = 0;

    await auditTable(
      {
        ...{ stored: storedItems(table.storage), clock: () => soon },
        sleep: async (ms) => void waits.push(ms),
      },
      {
        ...{ ...facts, segments: 2, unitsPerSecond: 2, itemsMax: 2, pageItems: 1 },
        ...{ contentOf: contentWith(vault), onFinding: () => {} },
        onPage: ({ readUnits }) => {
          pages.push(readUnits - before);
          before = readUnits;
        },
      },
    );

    expect(waits).toHaveLength(1);
    expect(pages.map((each) => each * 1000)).toContain(waits[0]);
  });

  test("an audit ends when the table fails, and reads no further in any segment", async () => {
    let scans = 0;
    const storage = table.through({ maxAttempts: 1 });
    storage.client.middlewareStack.add(
      (next) => async (args) => {
        scans += 1;
        if (scans === 1) throw awsError("AccessDeniedException");
        return next(args);
      },
      { step: "initialize" },
    );

    await Promise.all(Array.from({ length: 12 }, () => write.queued()));
    const audit = auditAt(soon, { segments: 2, pageItems: 1 }, storage);

    await expect(audit).rejects.toThrow("AccessDeniedException");
    expect(scans).toBeLessThanOrEqual(3);
  });
});

type Damage = readonly [
  rule: RuleId,
  what: string,
  written: () => Promise<Message>,
  given: (message: Message) => Given,
  now?: number,
];

const damages: readonly Damage[] = [
  ["unread-shard", "is in a shard that nobody reads", write.queued, () => ({ dueShard: s("2") })],
  ["unread-shard", "is in no shard at all", write.queued, () => ({ dueShard: s("x") })],
  [
    "unread-shard",
    "has been in a shard that nobody reads for a day",
    write.queued,
    () => ({ dueShard: s("7") }),
    t0 + dayMs,
  ],
  ["check-too-late", "is looked at in ten years", write.queued, () => ({ dueAt: n(t0 + years) })],
  ["check-too-late", "is looked at in a day", write.pending, () => ({ dueAt: n(t0 + dayMs) })],
  [
    "check-too-late",
    "is held, and looked at in ten years",
    write.processing,
    () => ({ dueAt: n(t0 + years) }),
  ],
  [
    "holder-gone",
    "has lost its holder, and is looked at in hours",
    write.processing,
    () => ({ dueAt: n(t0 + 5 * hourMs) }),
    t0 + 3 * minuteMs,
  ],
  ["none-left", "is QUEUED with no attempt left", write.queued, () => ({ attemptsAllowed: n(0) })],
  [
    "past-give-up",
    "is alive days past its last moment",
    write.queued,
    () => ({ dueAt: n(t0 + 10 * dayMs) }),
    t0 + 10 * dayMs,
  ],
  [
    "past-give-up",
    "is scheduled for after a last moment that is long over",
    write.far,
    () => ({ giveUpAt: n(t0 - 3 * dayMs) }),
  ],
  ["unknown-status", "is in no known status", write.queued, () => ({ status: s("SENT") })],
  ["no-lease", "is held by nobody", write.processing, () => ({ leaseUntil: undefined })],
  [
    "lease-too-long",
    "is held for ten years",
    write.processing,
    () => ({ leaseUntil: n(t0 + years) }),
  ],
  [
    "lease-too-long",
    "is held for ten years, which the dispatcher has looked after",
    write.processing,
    () => ({ leaseUntil: n(t0 + years), dueAt: n(t0 + years + 5001) }),
  ],
  ["no-start", "has no time to begin", write.queued, () => ({ notBefore: undefined })],
  [
    "exhausted-early",
    "was given up too early",
    write.failed,
    () => ({ failReason: s("attempts-exhausted") }),
  ],
  [
    "failed-index",
    "failed in the wrong shard",
    write.failed,
    ({ senderShard }) => ({ failedShard: s(`other#${senderShard}`) }),
  ],
  ["failed-index", "failed in no shard", write.failed, () => ({ failedShard: undefined })],
  ["failed-index", "failed at no time", write.failed, () => ({ failedAt: undefined })],
  [
    "content-changed",
    "has another URL",
    write.queued,
    () => ({ targetUrl: s("https://evil.example/hooks") }),
  ],
  ["content-changed", "has another body", write.queued, () => ({ body: { B: utf8("other") } })],
  ["content-changed", "has another method", write.queued, () => ({ method: s("DELETE") })],
  [
    "content-changed",
    "has another header",
    write.completed,
    () => ({ headers: { M: { "x-a": s("b") } } }),
  ],
  [
    "content-changed",
    "was scheduled for another time",
    write.queued,
    () => ({ deliverAt: n(t0 - 1) }),
  ],
  ["key-mismatch", "has an id unlike its key", write.queued, () => ({ messageId: s("another") })],
  ["key-mismatch", "has a sender unlike its key", write.failed, () => ({ senderId: s("other") })],
  ["key-mismatch", "has no id", write.queued, () => ({ messageId: undefined })],
  [
    "not-listed",
    "is not in the index by sender",
    write.queued,
    () => ({ bySenderPk: undefined, bySenderSk: undefined }),
  ],
  [
    "not-listed",
    "is listed for another sender",
    write.completed,
    () => ({ bySenderPk: s("$postrider#senderId_other#senderShard_0") }),
  ],
  [
    "not-listed",
    "is listed though no index of all messages was kept",
    write.unlisted,
    () => ({
      bySenderPk: s("$postrider#senderId_shop#senderShard_0"),
      bySenderSk: s(`$message_1#createdAt_0${t0}`),
    }),
  ],
  [
    "holder-gone",
    "has lost its holder, and is looked at in six hours",
    write.processing,
    () => ({ dueAt: n(t0 + 6 * hourMs) }),
    t0 + 3 * minuteMs,
  ],
  [
    "check-too-late",
    "has lost its holder, and is looked at in ten years",
    write.processing,
    () => ({ dueAt: n(t0 + years) }),
    t0 + 3 * minuteMs,
  ],
  [
    "ttl-in-ms",
    "keeps its body apart, and has its ttl in milliseconds",
    write.withPayload,
    ({ ttl }) => ({ ttl: n(ttl * 1000) }),
  ],
  [
    "expires-late",
    "keeps its body apart, and is kept for ten years",
    write.withPayload,
    () => ({ ttl: n((t0 + years) / 1000) }),
  ],
  [
    "alive-past-ttl",
    "has not been looked at since its ttl was over",
    write.queued,
    () => ({}),
    t0 + 40 * dayMs,
  ],
  ["no-ttl", "has no ttl", write.queued, () => ({ ttl: undefined })],
  ["no-ttl", "has ended and has no ttl", write.failed, () => ({ ttl: undefined })],
  ["ttl-in-ms", "has its ttl in milliseconds", write.queued, ({ ttl }) => ({ ttl: n(ttl * 1000) })],
  [
    "alive-past-ttl",
    "is alive past its ttl",
    write.queued,
    () => ({ dueAt: n(t0 + 40 * dayMs) }),
    t0 + 40 * dayMs,
  ],
  [
    "alive-past-ttl",
    "is alive past a ttl that is too short",
    write.queued,
    () => ({ ttl: n(t0 / 1000) }),
  ],
  [
    "expires-early",
    "expires before its retention",
    write.completed,
    () => ({ ttl: n(soon / 1000 + 60) }),
  ],
  [
    "expires-early",
    "may expire while it is alive",
    write.queued,
    () => ({ ttl: n((t0 + dayMs) / 1000) }),
  ],
  [
    "expires-early",
    "may be tried until after it has expired",
    write.queued,
    () => ({ giveUpAt: n(t0 + 400 * dayMs) }),
  ],
  [
    "expires-late",
    "is kept for ten years",
    write.completed,
    () => ({ ttl: n((t0 + years) / 1000) }),
  ],
  [
    "erased-in-part",
    "was erased, and has a body again",
    write.erased,
    () => ({ body: { B: utf8("canary-body") } }),
  ],
  ["starts-too-late", "begins in ten years", write.queued, () => ({ notBefore: n(t0 + years) })],
  [
    "quarantined",
    "was put aside, and is mended",
    write.queued,
    () => ({ quarantinedAt: n(t0), dueAt: n(t0 + 6 * hourMs) }),
  ],
  ...(
    [
      ["no-start", write.queued, { notBefore: undefined }],
      ["no-lease", write.processing, { leaseUntil: undefined }],
      ["lease-too-long", write.processing, { leaseUntil: n(t0 + years) }],
      ["due-after-end", write.completed, { dueShard: s("0") }],
      ["alive-past-ttl", write.queued, { ttl: n(t0 / 1000) }],
      ["unknown-status", write.queued, { status: s("SENT") }],
      ["malformed", write.queued, { attempts: undefined }],
      ["key-mismatch", write.queued, { messageId: s("another") }],
    ] as const
  ).map(
    ([rule, written, given]): Damage => [
      ...([rule, "was put aside for that", written] as const),
      () => ({ ...given, quarantinedAt: n(t0), dueAt: n(t0 + 6 * hourMs) }),
    ],
  ),
  ["not-due", "is in no index", write.queued, () => ({ dueAt: undefined, dueShard: undefined })],
  ["not-due", "has a shard and no time", write.queued, () => ({ dueAt: undefined })],
  ["not-due", "has a time and no shard", write.far, () => ({ dueShard: undefined })],
  [
    "due-after-end",
    "has ended and is due",
    write.completed,
    () => ({ dueAt: n(t0), dueShard: s("0") }),
  ],
  ["overdue", "was not looked at", write.queued, () => ({ dueAt: n(soon - 11 * minuteMs) })],
  [
    "unearned",
    "is COMPLETED by a refusal",
    write.completed,
    () => ({
      lastOutcome: { M: { attempt: n(1), class: s("status"), status: n(503), at: n(t0) } },
    }),
  ],
  ["unearned", "is COMPLETED by nothing", write.completed, () => ({ lastOutcome: undefined })],
  ["no-reason", "FAILED for no reason", write.failed, () => ({ failReason: undefined })],
  ["no-reason", "FAILED for an unknown reason", write.failed, () => ({ failReason: s("fun") })],
  ["too-many-attempts", "was tried too often", write.completed, () => ({ attemptsAllowed: n(0) })],
  [
    "not-failed",
    "is COMPLETED and among the failures",
    write.completed,
    () => ({ failedShard: s("shop#0"), failedAt: n(t0) }),
  ],
  [
    "outcome-mismatch",
    "has more attempts than outcomes",
    write.retried,
    () => ({ attempts: n(2) }),
  ],
  [
    "outcome-mismatch",
    "has lost its last outcome",
    write.failed,
    () => ({ lastOutcome: undefined }),
  ],
  ["lease-after-end", "has ended and is held", write.completed, () => ({ leaseUntil: n(t0) })],
  ["malformed", "has no attempts", write.queued, () => ({ attempts: undefined })],
  ["malformed", "has a text for a number", write.queued, () => ({ attempts: s("1") })],
  ["malformed", "has no status", write.queued, () => ({ status: undefined })],
  ["malformed", "has no time of creation", write.queued, () => ({ createdAt: undefined })],
  ["malformed", "has half an outcome", write.retried, () => ({ lastOutcome: { M: { at: n(1) } } })],
  ["unknown-item", "is of no known kind", write.queued, () => ({ __edb_e__: s("telegram") })],
  ["unknown-item", "is of another version", write.queued, () => ({ __edb_v__: s("2") })],
];

/** The damages to what belongs to a message, or that take a step besides. */
const others: readonly (readonly [RuleId, string, () => Promise<Message>])[] = [
  [
    "content-changed",
    "has another body in its payload",
    async () => {
      const message = await write.withPayload();
      await damage(message, { body: { B: utf8("other") } }, payloadKeyOf(message));
      return message;
    },
  ],
  [
    "content-changed",
    "has the same value in another spelling in its payload",
    async () => {
      const message = await write.withPayload(spelled);
      const body = Buffer.concat([utf8(" "), spelled.body]);
      await damage(message, { body: { B: body } }, payloadKeyOf(message));
      return message;
    },
  ],
  [
    "payload-missing",
    "has lost its payload",
    async () => {
      const message = await write.pending();
      await damage(message, { payload: { BOOL: true } });
      return message;
    },
  ],
  ["erased-in-part", "was erased by somebody who died half-way", () => write.erased({}, false)],
  [
    "part-expires-early",
    "has a payload that expires before it",
    async () => {
      const message = await write.withPayload();
      await damage(message, { ttl: n(soon / 1000 + 60) }, payloadKeyOf(message));
      return message;
    },
  ],
  [
    "part-expires-early",
    "has an attempt that expires before it",
    async () => {
      const message = await write.retried();
      await damage(message, { ttl: undefined }, "$history#attempt_1#number_000001");
      return message;
    },
  ],
  [
    "key-mismatch",
    "has a payload unlike its key",
    async () => {
      const message = await write.withPayload();
      await damage(message, { messageId: s("another") }, payloadKeyOf(message));
      return message;
    },
  ],
  [
    "key-mismatch",
    "has an attempt unlike its key",
    async () => {
      const message = await write.failed();
      await damage(message, { number: n(2) }, "$history#attempt_1#number_000001");
      return message;
    },
  ],
  [
    "attempt-unclaimed",
    "has an attempt that was never claimed",
    async () => {
      const message = await write.queued();
      await attemptStore(table.storage).record(attemptOf(message));
      return message;
    },
  ],
  [
    "failed-and-accepted",
    "has its accepted attempt among the failed ones",
    async () => {
      const message = await write.completed();
      await attemptStore(table.storage).record(attemptOf(message));
      return message;
    },
  ],
  [
    "message-missing",
    "is gone, and its attempts are not",
    async () => {
      const message = await write.pending().then(({ senderId, ...rest }) => ({
        ...{ ...rest, senderId: "gone" },
      }));
      await attemptStore(table.storage).record(attemptOf(message));
      return message;
    },
  ],
  [
    "secret-unreadable",
    "has a fingerprint of a key that nobody has",
    async () => {
      const message = await write.pending();
      await damage(message, { fingerprint: s(`v2.lostlost.${message.fingerprint}`) });
      return message;
    },
  ],
  [
    "secret-unreadable",
    "has a secret header that another key has sealed",
    async () => {
      const other = masterKeyVault([Buffer.alloc(32, "another")]);
      const message = await write.pending({ headers: { authorization: "Bearer canary" } });
      const sealed = other.seal(utf8("canary"), "header");
      await damage(message, { headers: { M: { authorization: s(sealed) } } });
      return message;
    },
  ],
];
const payloadKeyOf = ({ fingerprint }: Message) => `$history#payload_1#fingerprint_${fingerprint}`;

/** Removes every item, so that what is scanned is small. */
const clear = async (): Promise<void> => {
  const items = await table.scan();
  await Promise.all(
    items.map(({ pk, sk }) =>
      table.storage.client.send(
        new DeleteItemCommand({
          TableName: table.storage.table,
          Key: { pk: s(String(pk)), sk: s(String(sk)) },
        }),
      ),
    ),
  );
};

describe("One damage is one finding:", () => {
  const seen: AuditFinding[] = [];
  afterEach(async () => {
    seen.push(...(await auditAt(soon)).found);
    await clear();
  });

  test.each(damages)("%s: a message that %s", async (rule, _, written, given, now = soon) => {
    const message = await written();
    expect(await findingsOf(message.messageId, soon)).toEqual([]);

    await damage(message, given(message));

    const findings = await findingsOf(message.messageId, now);
    expect(findings).toEqual([[rule, expect.stringMatching(/./)]]);
  });

  test.each(others)("%s: a message that %s", async (rule, _, damaged) => {
    const { messageId } = await damaged();

    expect(await findingsOf(messageId, soon)).toEqual([[rule, expect.stringMatching(/./)]]);
  });

  test("every rule has a damage that breaks it", () => {
    const shown = [...damages, ...others].map(([rule]) => rule);

    expect(auditRules.map(({ id }) => id).filter((id) => !shown.includes(id))).toEqual([]);
  });

  test("no finding shows what was sent or answered", () => {
    expect(seen.length).toBeGreaterThan(auditRules.length);
    expect(JSON.stringify(seen)).not.toMatch(/canary|evil/);
  });

  test("every rule says in sentences what is wrong and what to do", () => {
    for (const { wrong, remedy } of auditRules) {
      expect(wrong).toMatch(/^[A-Z].+\.$/);
      expect(remedy).toMatch(/^[A-Z].+\.$/);
    }
  });
});

test("A message whose id is of another system is sound, and is found again by its id", async () => {
  const messageId = "arn:aws:s3:::b/k?v=1#messageid_%2F|~";
  const message = await write.withPayload({ messageId });

  const found = await findingsOf(messageId, t0);
  const { histories } = await storedItems(table.storage).again(message);

  expect(found).toEqual([]);
  expect(histories.map(({ key }) => key)).toEqual([{ senderId: message.senderId, messageId }]);
  expect(histories[0]?.payloads.map(({ isUnderItsKey }) => isUnderItsKey)).toEqual([true]);
});

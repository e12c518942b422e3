/**
 * Two versions of Postrider share a table and a queue while one takes the place of the other, and
 * for ever after the newer one reads what the older one wrote. `items-v1.json` holds that, item by
 * item; nothing here writes it with the code of today.
 */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type AttributeValue, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Log } from "../../adapters/log.ts";
import { noMetrics } from "../../adapters/metrics.ts";
import type { AuditFinding } from "../../domain/audit-rule.ts";
import { nextRecord } from "../../domain/record.ts";
import { apiKeyEntity } from "../../entities/described/api-key.ts";
import { attemptEntity } from "../../entities/described/attempt.ts";
import { messageEntity } from "../../entities/described/message.ts";
import { payloadEntity } from "../../entities/described/payload.ts";
import { senderEntity } from "../../entities/described/sender.ts";
import { storedItems } from "../../entities/stored.ts";
import { auditTable } from "../../handlers/audit/audit-table.ts";
import { contentWith } from "../../handlers/audit/content.ts";
import { deadLetter } from "../../handlers/dead-letter.ts";
import { newSecret, rotateSecret } from "../../handlers/signing.ts";
import { awsError } from "../support/faults.ts";
import { openReceiver, type Seen } from "../support/receiver.ts";
import {
  aRequest,
  openService,
  options,
  type Service,
  sqsRecord,
  start,
} from "../support/service.ts";

type Item = Record<string, AttributeValue>;

const written = readFileSync(join(import.meta.dirname, "../cases/items-v1.json"), "utf8");
const senderId = "acme";
const targetUrl = "http://127.0.0.1:8080/hook";
const minuteMs = 60_000;
const { graceMs, clockMarginMs } = options;

/** What version 1 wrote; bytes are base64 in the file. */
const v1 = JSON.parse(written, (name, value) =>
  name === "B" ? Buffer.from(value as string, "base64") : value,
) as {
  readonly writtenAt: string;
  readonly masterKey: string;
  readonly apiKey: string;
  readonly revokedKey: string;
  readonly signingSecret: string;
  readonly signingSecretBefore: string;
  readonly items: Readonly<Record<string, Item>>;
};

let service: Service;
let receiver: Awaited<ReturnType<typeof openReceiver>>;
beforeEach(async () => {
  service = await openService();
  service.useMasterKeys(Buffer.from(v1.masterKey, "base64"));
  receiver = await openReceiver();
});
afterEach(async () => {
  receiver.close();
  await service.close();
});

const put = (item: Item) =>
  service.storage.client.send(new PutItemCommand({ TableName: service.storage.table, Item: item }));
const item = (name: string): Item => v1.items[name] as Item;
/** The item with a target that listens, which the port of 8080 on this machine does not. */
const toReceiver = (given: Item): Item => ({
  ...given,
  targetUrl: { S: `${receiver.url}/hook` },
});
const putAll = async (change: (given: Item) => Item = (given) => given): Promise<void> => {
  for (const each of Object.values(v1.items)) await put("targetUrl" in each ? change(each) : each);
};
const raw = async ({ pk, sk }: Item): Promise<Item> => {
  const key = { pk, sk } as Item;
  const { Item: found = {} } = await service.storage.client.send(
    new GetItemCommand({ TableName: service.storage.table, Key: key, ConsistentRead: true }),
  );
  return found;
};

/** The record of an attempt, letter by letter as version 1 sends it. */
const recordV1 = (messageId: string, attempt = 1): string =>
  `{"v":1,"senderId":"acme","messageId":"${messageId}","attempt":${attempt}}`;
const get = (path: string) => service.request(`/v1/messages/${path}`, {}, v1.apiKey);
const statusOf = async (messageId: string) => (await get(messageId)).json.status;
const allDone = { batchItemFailures: [] };

/** What the audit finds wrong with one message now. */
const auditOf = async (messageId: string): Promise<readonly AuditFinding[]> => {
  const found: AuditFinding[] = [];
  await auditTable(
    { stored: storedItems(service.storage), clock: service.now, sleep: async () => {} },
    {
      ...{ shards: 8, graceMs, lateMs: 10 * minuteMs, clockMarginMs, segments: 1 },
      ...{ unitsPerSecond: Number.POSITIVE_INFINITY, itemsMax: Number.POSITIVE_INFINITY },
      ...{ pageItems: 100, contentOf: contentWith(service.vault), onPage: () => {} },
      onFinding: (finding) => void found.push(finding),
    },
  );
  return found.filter((finding) => finding.messageId === messageId);
};

/** The header that says who sent these bytes, by the letter of Standard Webhooks. */
const signatureOf = (secrets: readonly string[], { headers, body }: Seen): string =>
  secrets
    .map((secret) =>
      createHmac("sha256", Buffer.from(secret.slice("whsec_".length), "base64"))
        .update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`)
        .update(body)
        .digest("base64"),
    )
    .map((signature) => `v1,${signature}`)
    .join(" ");

describe("What version 1 wrote is delivered:", () => {
  beforeEach(() => putAll(toReceiver));

  test.each([
    ["plain-1", { method: "POST" }, {}, Buffer.from([0, 255, 128])],
    [
      ...(["inline-1", { method: "PUT" }] as const),
      { "x-shop": "7", authorization: "Bearer of-the-target", "content-type": "application/json" },
      Buffer.from('{"order":1}'),
    ],
    [
      ...(["large-1", { method: "POST" }] as const),
      { "x-shop": "7", cookie: "a=b", "content-type": "text/plain; charset=utf-8" },
      Buffer.from("Zoë ".repeat(250)),
    ],
  ])(
    "%s, byte for byte, with its headers and a signature that verifies",
    async (id, line, headers, body) => {
      service.advance(1000);

      expect(await service.work(recordV1(id))).toEqual(allDone);

      const [seen] = receiver.of(id) as [Seen];
      expect(seen).toMatchObject({ ...line, path: "/hook", headers });
      expect(seen.body.equals(body)).toBe(true);
      const secrets = [v1.signingSecret, v1.signingSecretBefore];
      expect(seen.headers["webhook-signature"]).toBe(signatureOf(secrets, seen));
      expect(await statusOf(id)).toBe("COMPLETED");
    },
  );

  test("one that failed once, by its second record, to the end of its schedule", async () => {
    service.advance(2000);

    expect(await service.work(recordV1("retried-1", 2))).toEqual(allDone);

    expect(await statusOf("retried-1")).toBe("COMPLETED");
    const { json } = await get("retried-1/attempts");
    expect(json.attempts).toMatchObject([
      { number: 1, outcome: "failed", status: 503, responseText: "come again" },
      { number: 2, outcome: "delivered", status: 200 },
    ]);
  });

  test("one whose record was lost, one that was scheduled: the dispatcher finds them", async () => {
    service.advance(3 * minuteMs);
    await service.dispatch();
    expect(service.recordsOf("early-1")).toEqual([JSON.parse(recordV1("early-1"))]);
    expect(await service.work(recordV1("early-1"))).toEqual(allDone);
    service.advance(4 * 24 * 60 * minuteMs);

    await service.dispatch();

    expect(service.recordsOf("later-1")).toEqual([JSON.parse(recordV1("later-1"))]);
    expect(await service.work(recordV1("later-1"))).toEqual(allDone);
    expect(receiver.of("early-1")).toHaveLength(1);
    expect(receiver.of("later-1")).toHaveLength(1);
  });

  test("one whose worker is gone, and whose sender wants it cancelled, is cancelled", async () => {
    service.advance(3 * minuteMs);

    await service.dispatch();

    expect(await statusOf("held-1")).toBe("CANCELLED");
    expect(receiver.of("held-1")).toEqual([]);
  });
});

/**
 * Before the claim set the next check itself, a message that had waited in a backlog could be held
 * with its next check hours ahead: six at most. A version that takes over finds such messages.
 */
describe("What an earlier version is to check hours from now", () => {
  const hourMs = 60 * minuteMs;
  const dueAt = start + 6 * hourMs;
  const heldItem = (): Item => {
    const { cancelRequestedAt: _, ...held } = item("held-1");
    return { ...held, dueAt: { N: String(dueAt) } };
  };
  beforeEach(() => putAll(toReceiver));

  test("and has lost its worker is found by the audit, and released as the audit says", async () => {
    await put(heldItem());
    service.advance(10 * minuteMs);

    const [finding, ...others] = await auditOf("held-1");
    expect([finding?.rule, others]).toEqual(["holder-gone", []]);
    expect(finding?.evidence).toContain("next check at 2026-03-01T18:00:00.000Z");
    await put({ ...(await raw(heldItem())), dueAt: { N: String(service.now()) } });
    await service.dispatch();

    expect(await statusOf("held-1")).toBe("QUEUED");
    expect(await auditOf("held-1")).toEqual([]);
  });

  test("and has lost its worker is released when that check is due, at the latest", async () => {
    await put(toReceiver(heldItem()));
    service.advance(dueAt - start);

    await service.dispatch();

    expect(await statusOf("held-1")).toBe("QUEUED");
    const [record] = service.recordsOf("held-1");
    service.advance(minuteMs);
    await service.work(JSON.stringify(record));
    expect(receiver.of("held-1")).toHaveLength(1);
    expect(await statusOf("held-1")).toBe("COMPLETED");
  });

  test.each(["QUEUED", "PENDING"])(
    "and is %s, is claimed by its record, and from then on is checked after its lease",
    async (status) => {
      receiver.close();
      receiver = await openReceiver(async () => {
        const held = await raw(item("plain-1"));
        expect(held).toMatchObject({ status: { S: "PROCESSING" } });
        expect(Number(held["dueAt"]?.N)).toBe(Number(held["leaseUntil"]?.N) + clockMarginMs + 1);
        return { status: 200 };
      });
      await put({
        ...toReceiver(item("plain-1")),
        status: { S: status },
        dueAt: { N: String(dueAt) },
      });
      service.advance(1000);

      await service.work(recordV1("plain-1"));

      expect(receiver.of("plain-1")).toHaveLength(1);
      expect(await statusOf("plain-1")).toBe("COMPLETED");
    },
  );
});

describe("What version 1 wrote is known:", () => {
  beforeEach(() => putAll());

  test.each([
    ["done-1", { status: "COMPLETED", attempts: 1 }],
    ["failed-1", { status: "FAILED", failReason: "gone", lastOutcome: { status: 410 } }],
    ["cancelled-1", { status: "CANCELLED", attempts: 0 }],
    ["inline-1", { status: "QUEUED", method: "PUT", headers: { "X-Shop": "7" } }],
    ["large-1", { status: "QUEUED", headers: { "X-Shop": "7" }, attemptsAllowed: 4 }],
  ])("%s, by the key that version 1 gave out", async (id, shown) => {
    expect((await get(id)).json).toMatchObject({ messageId: id, ...shown });
  });

  test("a key that was revoked then is refused now", async () => {
    service.advance(minuteMs);

    expect((await service.request("/v1/messages/done-1", {}, v1.revokedKey)).status).toBe(401);
  });

  test("a message that is submitted again is a repeat, and with other content a conflict", async () => {
    const again = aRequest({
      ...{ messageId: "inline-1", senderId, targetUrl, method: "PUT", timeoutMs: 7000 },
      headers: { "X-Shop": "7", Authorization: "Bearer of-the-target" },
      ...{ deliverAt: "2026-03-01T12:00:01Z", retentionDays: 10 },
      retry: { schedule: ["2s", "30s"] },
    });

    const repeat = await service.submit(again, v1.apiKey);
    const other = await service.submit({ ...again, body: { order: 2 } }, v1.apiKey);

    expect([repeat.status, repeat.json.duplicate]).toEqual([200, true]);
    expect([other.status, other.json.code]).toEqual([409, "MESSAGE_CONFLICT"]);
  });

  test("a signing secret is rotated, and those of then sign on", async () => {
    const result = await rotateSecret(service.deps, senderId, newSecret());

    expect(result).toMatchObject({ kind: "rotated" });
    expect((await service.senders.get(senderId))?.signingSecrets).toHaveLength(3);
  });
});

describe("What is written now, version 1 can read:", () => {
  /** Every attribute of an item and what kind of value it has. */
  const formOf = (given: Item): unknown =>
    Object.fromEntries(Object.entries(given).map(([name, value]) => [name, Object.keys(value)]));

  // If one of these fails, what is stored has changed. Read docs/internals/versions.md, then record
  // the new form in a file of its own beside this one, which stays.
  test.each([
    ["plain-1", ["plain-1"]],
    ["large-1", ["large-1", "payload of large-1"]],
    ["done-1", ["done-1"]],
    ["retried-1", ["retried-1", "attempt of retried-1"]],
    ["failed-1", ["failed-1", "attempt of failed-1"]],
  ])("a message, and what belongs to it: %s", async (id, names) => {
    for (const name of ["sender acme", "api key till"]) await put(item(name));
    const status = { "retried-1": 503, "failed-1": 410 }[id] ?? 200;
    receiver.close();
    receiver = await openReceiver(() => ({
      ...{ status, body: "come again" },
      headers: { "content-type": "text/plain" },
    }));
    const asked = {
      "plain-1": { body: undefined, bodyBase64: "AP+A" },
      "large-1": { headers: { "X-Shop": "7", Cookie: "a=b" }, body: "Zoë ".repeat(250) },
    }[id] ?? { targetUrl: `${receiver.url}/hook` };
    const request = aRequest({ messageId: id, senderId, targetUrl, ...asked });

    expect((await service.submit(request, v1.apiKey)).status).toBe(202);
    if ("targetUrl" in asked) await service.work(recordV1(id));

    const stored = await raw(item(id));
    for (const name of names) {
      // Version 1 looks for a payload under the fingerprint of its message, whatever that is.
      const sk = { S: `$history#payload_1#fingerprint_${stored["fingerprint"]?.S}` };
      const now = await raw(name.startsWith("payload") ? { ...item(name), sk } : item(name));
      expect(formOf(now)).toEqual(formOf(item(name)));
      expect(now["__edb_v__"]).toEqual(item(name)["__edb_v__"]);
    }
  });

  test("a record", () => {
    const record = nextRecord({ senderId, messageId: "inline-1", attempts: 0 });

    expect(JSON.stringify(record)).toBe(recordV1("inline-1"));
  });

  test.each([
    ["message", messageEntity],
    ["payload", payloadEntity],
    ["attempt", attemptEntity],
    ["sender", senderEntity],
    ["apiKey", apiKeyEntity],
  ])("the version of the entity %s stays 1: it is a part of the key", (entity, entityOf) => {
    const { model } = entityOf(service.storage) as unknown as {
      readonly model: { readonly entity: string; readonly version: string };
    };

    expect({ ...model }).toMatchObject({ entity, version: "1" });
  });
});

describe("A newer version beside this one", () => {
  const extra = { priority: { N: "7" }, region: { M: { name: { S: "eu" } } } };

  test("adds attributes to a message: every change of state by this version keeps them", async () => {
    await put(item("sender acme"));
    receiver.close();
    receiver = await openReceiver((_, attempt) => ({ status: attempt === 1 ? 503 : 200 }));
    const given = { ...toReceiver(item("early-1")), ...extra };
    await put(given);

    service.advance(3 * minuteMs);
    await service.dispatch();
    expect(await raw(given)).toMatchObject({ status: { S: "QUEUED" }, ...extra });
    await service.work(recordV1("early-1"));
    expect(await raw(given)).toMatchObject({ attempts: { N: "1" }, ...extra });
    service.advance(2000);
    await service.work(recordV1("early-1", 2));

    expect(await raw(given)).toMatchObject({ status: { S: "COMPLETED" }, ...extra });
    expect(receiver.of("early-1")).toHaveLength(2);
  });

  test("adds attributes to a sender: a rotation keeps them, but not those within a secret", async () => {
    const sender = item("sender acme");
    const [newest, ...others] = sender["signingSecrets"]?.L ?? [];
    const marked = { M: { ...newest?.M, kind: { S: "hmac" } } };
    await put({ ...sender, ...extra, signingSecrets: { L: [marked, ...others] } });

    const result = await rotateSecret(service.deps, senderId, newSecret());

    expect(result.kind).toBe("rotated");
    const now = await raw(sender);
    expect(now).toMatchObject(extra);
    expect(now["signingSecrets"]?.L?.map(({ M }) => Object.keys(M ?? {}))).toEqual([
      expect.not.arrayContaining(["kind"]),
      expect.not.arrayContaining(["kind"]),
      expect.not.arrayContaining(["kind"]),
    ]);
  });

  test("adds members to a record: it is read as before", async () => {
    await putAll(toReceiver);

    const record = `${recordV1("plain-1").slice(0, -1)},"priority":7}`;

    expect(await service.work(record)).toEqual(allDone);
    expect(receiver.of("plain-1")).toHaveLength(1);
  });

  test("sends records of another form: each fails alone, and the dispatcher sends one of ours", async () => {
    await putAll(toReceiver);
    const recordV2 = '{"v":2,"sender":"acme","message":"large-1","n":1}';

    const answer = await service.work(recordV2, recordV1("plain-1"));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "sqs-1" }] });
    expect(await statusOf("plain-1")).toBe("COMPLETED");
    expect(await statusOf("large-1")).toBe("QUEUED");
    service.advance(16 * minuteMs);
    await service.dispatch();

    expect(service.recordsOf("large-1")).toEqual([JSON.parse(recordV1("large-1"))]);
    expect(await service.work(recordV1("large-1"))).toEqual(allDone);
    expect(receiver.of("large-1")).toHaveLength(1);
    // The record that nobody could read is put aside by the queue, and told of.
    const log: Log = { line: (line) => service.lines.push(line), failure: () => {} };
    await deadLetter({ log, metrics: noMetrics })({ Records: [sqsRecord(recordV2)] });
    expect(service.lines.at(-1)).toMatchObject({ event: "dead-letter", record: recordV2 });
    expect(await statusOf("large-1")).toBe("COMPLETED");
  });

  test("brings a state that this one does not know: it is kept, told of, and looked at again", async () => {
    await put(item("sender acme"));
    const paused: Item = { ...toReceiver(item("early-1")), ...extra, status: { S: "PAUSED" } };
    await put(paused);
    service.advance(3 * minuteMs);

    await service.dispatch();

    expect(await service.work(recordV1("early-1"))).toEqual(allDone);
    const dueAt = service.now() + 6 * 60 * minuteMs;
    const quarantined = { dueAt: { N: `${dueAt}` }, quarantinedAt: { N: `${service.now()}` } };
    const { body: _, ...kept } = paused;
    expect(await raw(paused)).toMatchObject({ ...kept, ...quarantined });
    expect([service.queued(), receiver.seen]).toEqual([[], []]);
    expect(service.lines).toContainEqual(
      expect.objectContaining({ event: "quarantine", reason: "unknown-status" }),
    );
  });

  test("is rolled back and comes again: what it left in a state of its own goes on by itself", async () => {
    await put(item("sender acme"));
    const paused: Item = { ...toReceiver(item("early-1")), ...extra, status: { S: "PAUSED" } };
    await put(paused);
    service.advance(3 * minuteMs);
    await service.dispatch();

    // The newer version is back. It finds the message in the due index, where it looks for all of
    // its own, and does what its state asks for: here it resumes it.
    service.advance(6 * 60 * minuteMs);
    const ask = { dueShard: paused["dueShard"]?.S ?? "", now: service.now(), limit: 9 };
    const { items } = await service.messages.due({ ...ask, cursor: null });
    expect(items).toMatchObject([{ fields: { messageId: "early-1", status: "PAUSED" } }]);
    await put({ ...(await raw(paused)), status: { S: "PENDING" } });
    await service.dispatch();
    await service.work(recordV1("early-1"));

    const now = await raw(paused);
    expect(now).toMatchObject({ status: { S: "COMPLETED" }, ...extra });
    expect(now).not.toHaveProperty("quarantinedAt");
    expect(receiver.of("early-1")).toHaveLength(1);
  });

  test("seals in another form: this one does not send without, and loses nothing", async () => {
    await putAll(toReceiver);
    const sender = item("sender acme");
    const sealed = { M: { sealed: { S: "v2.x" }, createdAt: { N: String(start) } } };
    await put({ ...sender, signingSecrets: { L: [sealed] } });

    const { batchItemFailures } = await service.work(recordV1("plain-1"));
    expect([batchItemFailures.length, receiver.seen]).toEqual([1, []]);
    // The newer version is there alone.
    await put(sender);
    service.advance(4 * minuteMs);
    await service.dispatch();
    service.advance(2 * minuteMs);
    await service.work(recordV1("plain-1", 2));

    expect(await statusOf("plain-1")).toBe("COMPLETED");
  });
});

describe("An older version beside this one", () => {
  /** What a message has whatever was asked, and however far it has come. */
  const leastOf = (given: Item): Item => {
    const { schema } = messageEntity(service.storage) as unknown as {
      readonly schema: { readonly attributes: Readonly<Record<string, { required: boolean }>> };
    };
    const indexes = ["pk", "sk", "bySenderPk", "bySenderSk", "__edb_e__", "__edb_v__"];
    const due = ["notBefore", "dueAt", "dueShard"];
    return Object.fromEntries(
      Object.entries(given).filter(
        ([name]) => schema.attributes[name]?.required || [...indexes, ...due].includes(name),
      ),
    );
  };

  test("leaves out whatever may be left out: its message is delivered all the same", async () => {
    await put(item("sender acme"));
    await put(item("api key till"));
    const least = leastOf(toReceiver(item("early-1")));
    expect(Object.keys(least)).not.toContain("bodyType");
    await put(least);
    service.advance(3 * minuteMs);

    await service.dispatch();
    await service.work(recordV1("early-1"));

    expect(await statusOf("early-1")).toBe("COMPLETED");
    expect(receiver.of("early-1")).toMatchObject([{ method: "POST" }]);
  });

  // A new attribute that is required would be missing in all that is stored by then.
  test("knows every attribute that is required: none may be added", () => {
    const least = Object.keys(leastOf(item("early-1")));
    const { schema } = messageEntity(service.storage) as unknown as {
      readonly schema: { readonly attributes: Readonly<Record<string, { required: boolean }>> };
    };
    const required = Object.entries(schema.attributes)
      .filter(([, attribute]) => attribute.required)
      .map(([name]) => name);

    expect(required.filter((name) => !least.includes(name))).toEqual([]);
  });
});

test("A deployment in the middle of it all: what the old version began, the new one ends", async () => {
  // The old version has stored, sent and claimed; then all of its processes are gone at once.
  await putAll(toReceiver);
  service.faults.inject({
    ...{ command: "UpdateItem", when: "before", error: awsError("Stopped"), times: 1 },
  } as const);
  await service.work(recordV1("plain-1"));

  for (let minute = 0; minute < 20; minute += 1) {
    service.advance(minuteMs);
    await service.dispatch();
    await service.work(...service.queued());
    await service.purge();
  }

  for (const id of ["plain-1", "inline-1", "large-1", "early-1", "retried-1"])
    expect([id, await statusOf(id), receiver.of(id).length]).toEqual([id, "COMPLETED", 1]);
});

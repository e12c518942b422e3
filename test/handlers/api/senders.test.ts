/** Senders over HTTP: what an operator makes, sees and changes, and what nobody else can. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { isApiKey, keyIdOf } from "../../../domain/api-key.ts";
import { formatSecret, parseSecret } from "../../../domain/signature.ts";
import { senderEntity } from "../../../entities/described/sender.ts";
import { openSecret } from "../../../handlers/signing.ts";
import { awsError } from "../../support/faults.ts";
import { aRequest, start, useService } from "../../support/service.ts";

const minuteMs = 60_000;
const iso = (ms: number): string => new Date(ms).toISOString();

const service = useService();
let operator: string;
let ids = 0;
beforeAll(async () => {
  operator = await service.operatorKey();
});

/** The id of a sender that no other test has. */
const anId = (): string => `sender-${++ids}`;
const call = (method: string, path: string, body?: unknown, key = operator) =>
  service.request(
    `/v1/senders${path}`,
    {
      method,
      ...(body !== undefined && {
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    },
    key,
  );
const create = (body: object | string, key?: string) => call("POST", "", body, key);
const created = async (more: object = {}) => {
  const senderId = anId();
  const { status, json } = await create({ senderId, ...more });
  expect(status).toBe(201);
  return { senderId, json };
};
const submitAs = (senderId: string, key: string) =>
  service.submit(aRequest({ senderId, messageId: `m-${++ids}` }), key);
const secretsOf = async (senderId: string) =>
  ((await service.senders.get(senderId))?.signingSecrets ?? []).map((each) =>
    openSecret(service.vault, senderId, each),
  );
/** What was put into the table, entity by entity, while something was done. */
const putsDuring = async (act: () => Promise<unknown>): Promise<readonly string[]> => {
  const before = service.faults.inputs("PutItem").length;
  await act();
  return service.faults
    .inputs("PutItem")
    .slice(before)
    .map(({ Item: item }) => String((item as { __edb_e__: { S: string } }).__edb_e__.S));
};
const failing = (entity: string) =>
  service.faults.inject({
    ...{ command: "PutItem", when: "before", error: awsError("AccessDenied"), times: 1 },
    on: (input) => JSON.stringify(input).includes(`"S":"${entity}"`),
  });

describe("A sender that an operator creates", () => {
  test("gets its first key, which submits at once, and a signing secret, each shown once", async () => {
    const { senderId, json } = await created();

    expect(json).toEqual({
      ...{ senderId, createdAt: iso(start), defaults: {} },
      signingSecrets: [{ secretId: expect.stringMatching(/^[\w-]{12}$/), createdAt: iso(start) }],
      signingSecret: expect.stringMatching(/^whsec_/),
      key: {
        keyId: expect.stringMatching(/^[\w-]{12}$/),
        ...{ label: "first key", scopes: ["messages:write", "messages:read"] },
        createdAt: iso(start),
        apiKey: expect.stringMatching(/^prk_/),
      },
    });
    expect(await secretsOf(senderId)).toEqual([json.signingSecret]);
    expect((await submitAs(senderId, json.key.apiKey)).status).toBe(202);
    const { text } = await call("GET", `/${senderId}`);
    expect(text).not.toMatch(/whsec_|prk_/);
  });

  test("is found under the Location of the answer", async () => {
    const senderId = anId();

    const { headers } = await create({ senderId });

    expect(headers.get("location")).toBe(`/v1/senders/${senderId}`);
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("has the defaults, the key and the secret that the request asks for", async () => {
    const defaults = {
      retry: { schedule: ["5s", "2m"], maxAttempts: 2 },
      ...{ timeoutMs: 5000, retentionDays: 7 },
    };
    const signingSecret = formatSecret(Buffer.alloc(24, "theirs"));
    const key = { label: "till", scopes: ["messages:read"], expiresAt: "2026-06-30T00:00:00Z" };

    const { senderId, json } = await created({ defaults, signingSecret, key });

    expect(json).toMatchObject({ defaults, signingSecret });
    expect(json.key).toMatchObject({ ...key, expiresAt: "2026-06-30T00:00:00.000Z" });
    expect(await service.senders.get(senderId)).toMatchObject({
      ...{ scheduleMs: [5000, 120_000], maxAttempts: 2, timeoutMs: 5000, retentionDays: 7 },
    });
    expect((await submitAs(senderId, json.key.apiKey)).status).toBe(403);
  });

  test("but that exists already is a conflict that changes nothing and says what to do", async () => {
    const { senderId } = await created();
    const before = await service.table.scan();

    const { status, json } = await create({ senderId, defaults: { timeoutMs: 5000 } });

    expect([status, json]).toEqual([
      409,
      {
        type: "urn:postrider:problem:sender-exists",
        title: "There is a sender with this id already",
        ...{ status: 409, code: "SENDER_EXISTS" },
        detail: `The sender ${senderId} exists already, and was not changed. If the answer to an earlier request was lost, rotate its signing secret and create another key.`,
      },
    ]);
    expect(await service.table.scan()).toEqual(before);
  });

  test("by two requests at once belongs to one of them, and the other one's key is revoked", async () => {
    const senderId = anId();
    let first: Awaited<ReturnType<typeof create>> | undefined;
    service.faults.before("PutItem", async () => {
      first = await create({ senderId });
    });

    const second = await create({ senderId });

    expect([first?.status, second.status]).toEqual([201, 409]);
    expect(await secretsOf(senderId)).toEqual([first?.json.signingSecret]);
    const { json } = await call("GET", `/${senderId}/keys`);
    const revoked = json.items.filter((key: { revokedAt?: string }) => key.revokedAt);
    expect([json.items.length, revoked.length]).toEqual([2, 1]);
    expect(revoked[0].keyId).not.toBe(first?.json.key.keyId);
  });

  test("is listed first, then its key, and only then are the two stored", async () => {
    const puts = await putsDuring(() => created());

    expect(puts).toEqual(["senderChange", "senderEntry", "keyEntry", "apiKey", "sender"]);
  });

  test.each(["senderEntry", "keyEntry", "apiKey", "sender"])(
    "does not exist and is not listed where its %s cannot be written, and can be created again",
    async (entity) => {
      const senderId = anId();
      failing(entity);

      const failed = await create({ senderId });
      const missing = await call("GET", `/${senderId}`);
      const repeated = await create({ senderId });

      expect([failed.status, missing.status, repeated.status]).toEqual([503, 404, 201]);
      expect(await secretsOf(senderId)).toEqual([repeated.json.signingSecret]);
    },
  );

  test("twice, because the first answer was lost, can be put right", async () => {
    const { senderId } = await created();

    const again = await create({ senderId });
    const rotated = await call("POST", `/${senderId}/secrets/rotate`, { overlap: "0s" });
    const key = await call("POST", `/${senderId}/keys`, { label: "second" });

    expect(again.json.code).toBe("SENDER_EXISTS");
    expect(await secretsOf(senderId)).toEqual([rotated.json.signingSecret]);
    expect((await submitAs(senderId, key.json.apiKey)).status).toBe(202);
  });
});

describe("A sender that is read", () => {
  test("is shown with its defaults and the ids of its secrets, until when they sign", async () => {
    const defaults = { retry: { maxAttempts: 3 }, retentionDays: 7 };
    const { senderId, json } = await created({ defaults });
    service.advance(1000);
    const rotated = await call("POST", `/${senderId}/secrets/rotate`, { overlap: "12h" });

    const read = await call("GET", `/${senderId}`);

    const now = service.now();
    expect(read.json).toEqual({
      ...{ senderId, createdAt: iso(now - 1000), defaults },
      signingSecrets: [
        { secretId: rotated.json.signingSecrets[0].secretId, createdAt: iso(now) },
        {
          secretId: json.signingSecrets[0].secretId,
          ...{ createdAt: iso(now - 1000), expiresAt: iso(now + 12 * 60 * minuteMs) },
        },
      ],
    });
  });

  test.each([
    ["an id that a sender could have", "nobody"],
    ["an id with a #", "a%23b"],
    ["an id that is longer than a key of the table", "x".repeat(3000)],
    ["an id that encodes nothing", "%"],
  ])("but does not exist gets the same answer on each route: %s", async (_what, senderId) => {
    const answers = await Promise.all([
      call("GET", `/${senderId}`),
      call("PATCH", `/${senderId}`, { defaults: {} }),
      call("GET", `/${senderId}/keys`),
      call("POST", `/${senderId}/keys`, { label: "x" }),
      call("POST", `/${senderId}/secrets/rotate`),
      call("POST", `/${senderId}/keys/${"x".repeat(12)}/revoke`),
    ]);

    for (const { status, json } of answers) expect([status, json.code]).toEqual([404, "NOT_FOUND"]);
  });
});

describe("A change of defaults", () => {
  const change = (senderId: string, defaults: object) =>
    call("PATCH", `/${senderId}`, { defaults });

  test("sets what it names, removes what is null, and leaves the rest", async () => {
    const { senderId } = await created({
      defaults: { retry: { schedule: ["5s"], maxAttempts: 4 }, timeoutMs: 5000 },
    });

    const { status, json } = await change(senderId, {
      ...{ retry: { maxAttempts: null }, timeoutMs: 9000, retentionDays: 3 },
    });

    const defaults = { retry: { schedule: ["5s"] }, timeoutMs: 9000, retentionDays: 3 };
    expect([status, json.defaults]).toEqual([200, defaults]);
    expect((await call("GET", `/${senderId}`)).json).toEqual(json);
  });

  test("with retry as null removes schedule and attempts", async () => {
    const { senderId } = await created({
      defaults: { retry: { schedule: ["5s"], maxAttempts: 4 } },
    });

    expect((await change(senderId, { retry: null })).json.defaults).toEqual({});
  });

  test("of nothing changes nothing", async () => {
    const { senderId } = await created({ defaults: { timeoutMs: 5000 } });
    const before = await service.table.scan();

    const { status, json } = await change(senderId, {});

    expect([status, json.defaults]).toEqual([200, { timeoutMs: 5000 }]);
    expect(await service.table.scan()).toEqual(before);
  });

  test("is used by submits within a minute, also where the sender is cached", async () => {
    const { senderId, json } = await created();
    await submitAs(senderId, json.key.apiKey);
    await change(senderId, { retry: { maxAttempts: 2 } });
    service.advance(minuteMs + 1);

    const { json: submitted } = await submitAs(senderId, json.key.apiKey);

    expect((await service.get(submitted.messageId, senderId))?.attemptsAllowed).toBe(2);
  });

  test("leaves the signing secrets alone", async () => {
    const { senderId, json } = await created();

    await change(senderId, { timeoutMs: 5000 });

    expect(await secretsOf(senderId)).toEqual([json.signingSecret]);
  });
});

describe("The list of senders", () => {
  test("has every sender by its id, page by page, without a secret", async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => created()));
    const listed: string[] = [];
    let cursor: string | null = "";
    for (let pages = 0; cursor !== null && pages < 100; pages += 1) {
      const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const { json, text } = await call("GET", `?limit=2${query}`);
      expect(json.items.length).toBeLessThanOrEqual(2);
      expect(text).not.toMatch(/whsec_|prk_|sealed|secret/);
      listed.push(...json.items.map(({ senderId }: { senderId: string }) => senderId));
      cursor = json.nextCursor;
    }

    expect(listed).toEqual([...new Set(listed)].toSorted());
    for (const { senderId } of made) expect(listed).toContain(senderId);
  });

  test("is read by queries and gets: nothing is scanned", async () => {
    const before = service.faults.calls.length;

    await call("GET", "");

    expect(new Set(service.faults.calls.slice(before))).toEqual(new Set(["GetItem", "Query"]));
  });

  test("leaves out an entry whose sender is not there", async () => {
    await service.deps.senderEntries.add("entry-only");

    const { text } = await call("GET", "?limit=100");

    expect(text).not.toContain("entry-only");
  });

  test("does not have a sender of an earlier version until it gets a key", async () => {
    const senderId = anId();
    await senderEntity(service.storage).create({ senderId, createdAt: start }).go();
    const before = await call("GET", "?limit=100");

    await call("POST", `/${senderId}/keys`, { label: "new" });

    expect(before.text).not.toContain(`"${senderId}"`);
    expect((await call("GET", "?limit=100")).text).toContain(`"${senderId}"`);
  });

  test("refuses a query that is wrong, with every fault, and a cursor of another list", async () => {
    await created();
    const { senderId } = await created();
    await call("POST", `/${senderId}/keys`, { label: "second" });
    const wrong = await call("GET", "?limit=0&page=2&limit=1");
    const { nextCursor } = (await call("GET", `/${senderId}/keys?limit=1`)).json;
    const foreign = await call("GET", `?cursor=${nextCursor}`);

    expect(nextCursor).toEqual(expect.any(String));
    expect(wrong.json.issues.map(({ path }: { path: unknown }) => path)).toEqual([
      ...[["page"], ["limit"]],
    ]);
    expect([foreign.status, foreign.json.issues[0].path]).toEqual([400, ["cursor"]]);
  });
});

describe("A request about a sender that is not valid", () => {
  const longLabel = "x".repeat(129);

  test.each<[string, object | string, readonly string[]]>([
    ["has no body", "", [""]],
    ["is no object", "[]", [""]],
    ["has no id", {}, ["senderId"]],
    ["has an id of other characters", { senderId: "a#b" }, ["senderId"]],
    [
      "has members of its own",
      {
        senderId: "a",
        name: 1,
        defaults: { color: 1, retry: { x: 1 } },
        key: { label: "x", y: 1 },
      },
      ["defaults,retry,x", "defaults,color", "key,y", "name"],
    ],
    [
      "is wrong all over",
      {
        ...{ senderId: 5, signingSecret: "whsec_c2hvcnQ=" },
        defaults: {
          retry: { schedule: ["5 s", "25h"], maxAttempts: 0 },
          ...{ timeoutMs: "5s", retentionDays: 400 },
        },
        key: { label: longLabel, scopes: ["senders:write"], expiresAt: iso(start - 1) },
      },
      [
        ...["senderId", "defaults,retry,maxAttempts", "defaults,retry,schedule,0"],
        ...["defaults,retry,schedule,1", "defaults,timeoutMs", "defaults,retentionDays"],
        ...["key,label", "key,scopes,0", "key,expiresAt", "signingSecret"],
      ],
    ],
    [
      "names a member twice",
      '{"senderId":"a","senderId":"b","defaults":{"timeoutMs":100,"timeoutMs":200,"retry":{"maxAttempts":1,"maxAttempts":2}},"key":{"label":"x","label":"y"}}',
      ["senderId", "defaults,timeoutMs", "defaults,retry,maxAttempts", "key,label"],
    ],
    [
      "has scopes that are none",
      { senderId: "a", key: { label: "", scopes: ["messages:read", "messages:read"] } },
      ["key,label", "key,scopes"],
    ],
    [
      "has an empty list of scopes",
      { senderId: "a", key: { label: "a", scopes: [] } },
      ["key,scopes"],
    ],
    ["has a label of two lines", { senderId: "a", key: { label: "a\nb" } }, ["key,label"]],
  ])("because it %s has every fault named, and nothing is stored", async (_what, body, paths) => {
    const before = await service.table.scan();

    const { status, json } = await create(body);

    expect([status, json.code]).toEqual([400, "VALIDATION_ERROR"]);
    const named = json.issues.map(({ path }: { path: readonly unknown[] }) => path.join());
    expect(named.toSorted()).toEqual([...paths].toSorted());
    expect(await service.table.scan()).toEqual(before);
  });

  test("because a change has no defaults, or faulty ones, has every fault named", async () => {
    const { senderId } = await created();

    const none = await call("PATCH", `/${senderId}`, {});
    const faulty = await call("PATCH", `/${senderId}`, {
      defaults: { retry: { schedule: [] }, timeoutMs: 1, senderId: "x" },
    });

    expect(none.json.issues).toEqual([{ path: ["defaults"], message: "is required" }]);
    const named = faulty.json.issues.map(({ path }: { path: readonly unknown[] }) => path.join());
    expect(named).toEqual(["defaults,retry,schedule", "defaults,timeoutMs", "defaults,senderId"]);
  });

  test("because it is not declared as JSON is refused as that", async () => {
    const { status, json } = await service.request(
      "/v1/senders",
      { method: "POST", body: '{"senderId":"a"}', headers: { "content-type": "text/plain" } },
      operator,
    );

    expect([status, json.code]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
  });
});

describe("Managing senders", () => {
  const requests: readonly (readonly [string, string, string, object | undefined])[] = [
    ["GET", "", "senders:read", undefined],
    ["GET", "/shop", "senders:read", undefined],
    ["GET", "/shop/keys", "senders:read", undefined],
    ["POST", "", "senders:write", { senderId: "made-by-nobody" }],
    ["PATCH", "/shop", "senders:write", { defaults: { timeoutMs: 5000 } }],
    ["POST", "/shop/keys", "senders:write", { label: "stolen" }],
    ["POST", "/shop/keys/abcdefghijkl/revoke", "senders:write", undefined],
    ["POST", "/shop/secrets/rotate", "senders:write", undefined],
  ];

  test.each(requests)(
    "by %s %s takes a key with the scope %s",
    async (method, path, scope, body) => {
      const other = scope === "senders:read" ? "senders:write" : "senders:read";
      const without = await service.operatorKey({ scopes: [other] });
      const before = await service.table.scan();

      const nobody = await call(method, path, body, "none");
      const sender = await call(method, path, body, service.apiKey);
      const operator = await call(method, path, body, without);

      expect([nobody.status, sender.status, operator.status]).toEqual([401, 403, 403]);
      expect(operator.json.detail).toBe(`This API key does not have the scope ${scope}.`);
      expect(sender.json.detail).toBe("This is the key of a sender. Use one of an operator.");
      expect(await service.table.scan()).toEqual(before);
    },
  );

  test("is refused to a key of a sender, whatever scopes are stored with it", async () => {
    const scopes = ["senders:read", "senders:write"] as never;
    const key = await service.senderWithKey("shop", { scopes });

    expect((await call("GET", "/shop", undefined, key)).status).toBe(403);
  });

  test("is all that a key of an operator opens: no messages, whatever scopes are stored with it", async () => {
    const key = await service.operatorKey({ scopes: ["messages:read", "messages:write"] });

    const answers = [
      await submitAs("shop", key),
      await service.request("/v1/messages", {}, key),
      await service.request("/v1/failures?by=target", {}, key),
    ];

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  });

  test.each([
    ["DELETE", "/shop", "GET, PATCH"],
    ["PUT", "", "POST, GET"],
    ["DELETE", "/shop/keys", "GET, POST"],
    ["GET", "/shop/secrets/rotate", "POST"],
  ])(
    "by %s %s is refused with the methods that are possible there",
    async (method, path, allow) => {
      const { status, headers } = await call(method, path);

      expect([status, headers.get("allow")]).toEqual([405, allow]);
    },
  );
});

test("Each change has one line in the log: who, what and of whom, and never a secret", async () => {
  const from = service.linesOf("manage").length;
  const { senderId, json } = await created();
  await create({ senderId });
  await call("PATCH", `/${senderId}`, { defaults: { timeoutMs: 5000 } });
  const key = await call("POST", `/${senderId}/keys`, { label: "a label" });
  await call("POST", `/${senderId}/keys/${key.json.keyId}/revoke`);
  const rotated = await call("POST", `/${senderId}/secrets/rotate`);
  await call("PATCH", `/${senderId}`, {}, service.apiKey);

  const lines = service.linesOf("manage").slice(from);
  const keyId = lines[0]?.keyId;
  const [{ secretId }] = rotated.json.signingSecrets;
  expect(lines.map(({ event: _, durationMs: __, ...line }) => line)).toEqual([
    {
      ...{ change: "create-sender", senderId, keyId, madeKeyId: json.key.keyId },
      secretId: json.signingSecrets[0].secretId,
    },
    { change: "create-sender", senderId, keyId, problem: "SENDER_EXISTS" },
    { change: "change-sender", senderId, keyId },
    { change: "create-key", senderId, keyId, madeKeyId: key.json.keyId },
    { change: "revoke-key", senderId, keyId, revokedKeyId: key.json.keyId },
    { change: "rotate-secret", senderId, keyId, secretId },
    { change: "change-sender", senderId, problem: "FORBIDDEN" },
  ]);
  expect(keyId).toMatch(/^[\w-]{12}$/);
  const text = JSON.stringify(service.lines);
  for (const secret of [json.key.apiKey, key.json.apiKey, json.signingSecret, operator])
    expect(text).not.toContain(secret);
  expect([isApiKey(key.json.apiKey), keyIdOf("x".repeat(43)).length]).toEqual([true, 12]);
  expect(parseSecret(json.signingSecret)).toHaveLength(32);
});

test("A failure of the table while a sender is changed is a 503, and logged with the sender", async () => {
  const { senderId } = await created();
  service.faults.inject({
    ...{ command: "UpdateItem", when: "before", error: awsError("AccessDenied"), times: 1 },
  });

  const { status } = await call("PATCH", `/${senderId}`, { defaults: { timeoutMs: 5000 } });

  expect(status).toBe(503);
  expect(service.failures.at(-1)?.fields).toEqual({ senderId });
  expect(service.linesOf("manage").at(-1)?.problem).toBe("SYSTEM_ERROR");
});

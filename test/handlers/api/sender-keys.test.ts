/** The keys and signing secrets of a sender over HTTP: made, listed, revoked and rotated. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { hashApiKey, keyIdOf } from "../../../domain/api-key.ts";
import { formatSecret } from "../../../domain/signature.ts";
import { apiKeyStore } from "../../../entities/api-key.ts";
import { newSecret, openSecret } from "../../../handlers/signing.ts";
import { awsError } from "../../support/faults.ts";
import { aRequest, masterKey, secretOf, useService } from "../../support/service.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const iso = (ms: number): string => new Date(ms).toISOString();

const service = useService();
let operator: string;
let ids = 0;
beforeAll(async () => {
  operator = await service.operatorKey();
});

type Issue = { readonly path: readonly unknown[] };

const call = (method: string, path: string, body?: unknown) =>
  service.request(
    `/v1/senders${path}`,
    {
      method,
      ...(body !== undefined && {
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    },
    operator,
  );
/** A sender that no other test has, with one key that no list shows. */
const aSender = async () => {
  ids += 1;
  const senderId = `sender-${ids}`;
  await service.senderWithKey(senderId);
  return senderId;
};
const newKey = (senderId: string, more: object = {}) =>
  call("POST", `/${senderId}/keys`, { label: "till", ...more });
const keysOf = async (senderId: string) => (await call("GET", `/${senderId}/keys`)).json.items;
const revoke = (senderId: string, keyId: string, body?: unknown) =>
  call("POST", `/${senderId}/keys/${keyId}/revoke`, body);
const rotate = (senderId: string, body?: unknown) =>
  call("POST", `/${senderId}/secrets/rotate`, body);
const statusOf = async (senderId: string, key: string) =>
  (await service.submit(aRequest({ senderId, messageId: `m-${++ids}` }), key)).status;
const secretsOf = async (senderId: string) =>
  ((await service.senders.get(senderId))?.signingSecrets ?? []).map((each) => ({
    whsec: openSecret(service.vault, senderId, each),
    expiresAt: each.expiresAt,
  }));

describe("Another key", () => {
  test("works at once, is shown once, and is stored as its hash alone", async () => {
    const senderId = await aSender();

    const { status, json } = await newKey(senderId);

    expect([status, json]).toEqual([
      201,
      {
        ...{ keyId: keyIdOf(hashApiKey(json.apiKey)), label: "till", apiKey: json.apiKey },
        ...{ scopes: ["messages:write", "messages:read"], createdAt: iso(service.now()) },
      },
    ]);
    expect(await statusOf(senderId, json.apiKey)).toBe(202);
    expect(JSON.stringify(await service.table.scan())).not.toContain(json.apiKey.slice(4, -6));
  });

  test("has the scopes and the end that the request asks for", async () => {
    const senderId = await aSender();
    const expiresAt = iso(service.now() + hourMs);

    const reads = await newKey(senderId, { scopes: ["messages:read"] });
    const ends = await newKey(senderId, { expiresAt });
    const before = await statusOf(senderId, ends.json.apiKey);
    service.advance(hourMs);

    expect([reads.json.scopes, ends.json.expiresAt]).toEqual([["messages:read"], expiresAt]);
    expect(await statusOf(senderId, reads.json.apiKey)).toBe(403);
    expect([before, await statusOf(senderId, ends.json.apiKey)]).toEqual([202, 401]);
  });

  test("is listed before it is stored: what works is never unlisted", async () => {
    const senderId = await aSender();
    const before = service.faults.inputs("PutItem").length;

    await newKey(senderId);

    const puts = service.faults.inputs("PutItem").slice(before);
    expect(
      puts.map((input) => /"__edb_e__":\{"S":"(\w+)"/.exec(JSON.stringify(input))?.[1]),
    ).toEqual(["senderChange", "senderEntry", "keyEntry", "apiKey"]);
  });

  test.each([
    ["its entry is not written", "keyEntry", "before", 0],
    ["it is not written", "apiKey", "before", 0],
    ["it is written, and the answer is lost", "apiKey", "after", 1],
  ] as const)(
    "whose request fails because %s has been listed if it was stored",
    async (_what, entity, when, count) => {
      const senderId = await aSender();
      const stored = async () =>
        (await service.table.scan()).filter(
          (item) => item["__edb_e__"] === "apiKey" && item["senderId"] === senderId,
        ).length;
      const before = await stored();
      service.faults.inject({
        ...{ command: "PutItem", when, error: awsError("AccessDenied"), times: 1 },
        on: (input) => JSON.stringify(input).includes(`"S":"${entity}"`),
      });

      const { status } = await newKey(senderId);

      expect(status).toBe(503);
      expect([await stored(), (await keysOf(senderId)).length]).toEqual([before + count, count]);
    },
  );

  test.each([
    ["no label", "{}", ["label"]],
    ["the scope of an operator", { label: "a", scopes: ["senders:read"] }, ["scopes,0"]],
    ["a past end", { label: "a", expiresAt: "2020-01-01T00:00:00Z" }, ["expiresAt"]],
    ["a sender", { label: "a", senderId: "shop" }, ["senderId"]],
  ])("with %s is refused, and every fault is named", async (_what, body, paths) => {
    const senderId = await aSender();

    const { status, json } = await call("POST", `/${senderId}/keys`, body);

    expect([status, json.issues.map(({ path }: Issue) => path.join())]).toEqual([400, paths]);
    expect(await keysOf(senderId)).toEqual([]);
  });
});

describe("The list of keys", () => {
  test("has each key of the sender and of no other, without hash and text", async () => {
    const [one, other] = [await aSender(), await aSender()];
    const made = [await newKey(one), await newKey(one, { label: "web" })];
    await newKey(other);

    const { json, text } = await call("GET", `/${one}/keys`);

    const shown = made.map(({ json: { apiKey: _, ...key } }) => key);
    const byId = (a: { keyId: string }, b: { keyId: string }) => (a.keyId < b.keyId ? -1 : 1);
    expect(json).toEqual({ items: shown.toSorted(byId), nextCursor: null });
    for (const { json: key } of made) {
      expect(text).not.toContain(key.apiKey);
      expect(text).not.toContain(hashApiKey(key.apiKey));
    }
  });

  test("comes in pages, each with keys that no other has", async () => {
    const senderId = await aSender();
    for (let count = 0; count < 3; count += 1) await newKey(senderId);

    const first = (await call("GET", `/${senderId}/keys?limit=2`)).json;
    const second = (await call("GET", `/${senderId}/keys?limit=2&cursor=${first.nextCursor}`)).json;

    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([2, 1, null]);
    const listed = [...first.items, ...second.items].map(({ keyId }) => keyId);
    expect(new Set(listed).size).toBe(3);
  });

  test("takes no cursor of another sender's list", async () => {
    const [one, other] = [await aSender(), await aSender()];
    for (const senderId of [one, one, other]) await newKey(senderId);
    const { nextCursor } = (await call("GET", `/${one}/keys?limit=1`)).json;

    const { status } = await call("GET", `/${other}/keys?cursor=${nextCursor}`);

    expect([typeof nextCursor, status]).toEqual(["string", 400]);
  });
});

describe("A key that is revoked", () => {
  test("is refused within a minute, and the sender's other key is not", async () => {
    const senderId = await aSender();
    const [{ json: key }, { json: other }] = [await newKey(senderId), await newKey(senderId)];
    await statusOf(senderId, key.apiKey);

    const { status, json } = await revoke(senderId, key.keyId);
    const revokedAt = iso(service.now());
    service.advance(minuteMs + 1);

    const { apiKey: _, ...shown } = key;
    expect([status, json]).toEqual([200, { ...shown, revokedAt }]);
    expect(await statusOf(senderId, key.apiKey)).toBe(401);
    expect(await statusOf(senderId, other.apiKey)).toBe(202);
    expect(await keysOf(senderId)).toContainEqual(json);
  });

  test("is answered alike when it is revoked again, and keeps its time", async () => {
    const senderId = await aSender();
    const { keyId } = (await newKey(senderId)).json;
    const first = await revoke(senderId, keyId);
    service.advance(minuteMs);
    const before = await service.table.scan();

    const second = await revoke(senderId, keyId, {});

    expect([second.status, second.text]).toEqual([200, first.text]);
    expect(await service.table.scan()).toEqual(before);
  });

  test("by two requests at once has one time, which both answers have", async () => {
    const senderId = await aSender();
    const { keyId } = (await newKey(senderId)).json;
    let first: Awaited<ReturnType<typeof revoke>> | undefined;
    service.faults.before("UpdateItem", async () => {
      first = await revoke(senderId, keyId);
      service.advance(1000);
    });

    const second = await revoke(senderId, keyId);

    expect(second.json).toEqual(first?.json);
  });

  test.each([
    ["of another sender", (keyId: string) => keyId],
    ["that there is not", () => "x".repeat(12)],
    ["with an id that no key can have", () => "x".repeat(2000)],
  ])("cannot be one %s: that is answered 404", async (_what, idOf) => {
    const [one, other] = [await aSender(), await aSender()];
    const { keyId, apiKey } = (await newKey(one)).json;

    const { status, json } = await revoke(other, idOf(keyId));

    expect([status, json.detail]).toEqual([404, "This sender has no such key."]);
    expect((await apiKeyStore(service.storage).get(hashApiKey(apiKey)))?.revokedAt).toBeUndefined();
  });

  test("cannot be one of which a crash has left the entry alone", async () => {
    const senderId = await aSender();
    await service.deps.keyEntries.add(senderId, "y".repeat(43));

    expect((await revoke(senderId, "y".repeat(12))).status).toBe(404);
  });

  test("takes no body with members", async () => {
    const senderId = await aSender();
    const { keyId } = (await newKey(senderId)).json;

    const { status, json } = await revoke(senderId, keyId, { at: "now" });

    expect([status, json.issues[0].path]).toEqual([400, ["at"]]);
    expect((await keysOf(senderId))[0].revokedAt).toBeUndefined();
  });
});

describe("A rotation", () => {
  test("puts the secret that it shows first, and lets the old one sign for a day", async () => {
    const senderId = await aSender();

    const { status, json } = await rotate(senderId);

    expect([status, json.signingSecret]).toEqual([200, expect.stringMatching(/^whsec_/)]);
    expect(await secretsOf(senderId)).toEqual([
      { whsec: json.signingSecret, expiresAt: undefined },
      { whsec: secretOf(senderId), expiresAt: service.now() + 24 * hourMs },
    ]);
    const { signingSecret: _, ...shown } = json;
    expect((await call("GET", `/${senderId}`)).json).toEqual(shown);
  });

  test.each([
    ["7d", 7 * 24 * hourMs],
    ["90d", 90 * 24 * hourMs],
  ])("with an overlap of %s lets the old one sign for as long", async (overlap, overlapMs) => {
    const senderId = await aSender();

    await rotate(senderId, { overlap });

    expect((await secretsOf(senderId))[1]?.expiresAt).toBe(service.now() + overlapMs);
  });

  test("with no overlap leaves the new one alone", async () => {
    const senderId = await aSender();

    const { json } = await rotate(senderId, { overlap: "0s" });

    expect(await secretsOf(senderId)).toEqual([{ whsec: json.signingSecret }]);
  });

  test("takes a secret that receivers have, and says of a repeat that it has been done", async () => {
    const senderId = await aSender();
    const signingSecret = formatSecret(Buffer.alloc(24, "theirs"));

    const { json } = await rotate(senderId, { signingSecret });
    const again = await rotate(senderId, { signingSecret });

    expect(json.signingSecret).toBe(signingSecret);
    expect([again.status, again.json.code]).toEqual([409, "ROTATION_CONFLICT"]);
    expect(again.json.detail).toContain("it has been done");
    expect(await secretsOf(senderId)).toHaveLength(2);
  });

  test("takes a secret of before that signs no longer", async () => {
    const senderId = await aSender();
    await rotate(senderId, { overlap: "1h" });
    service.advance(hourMs);

    const { status } = await rotate(senderId, { signingSecret: secretOf(senderId) });

    expect(status).toBe(200);
  });

  test("is possible where the master key of the old secret is gone", async () => {
    const senderId = await aSender();
    service.useMasterKeys(Buffer.alloc(32, "another"));

    const { status } = await rotate(senderId, { overlap: "0s" });
    const secrets = await secretsOf(senderId);
    service.useMasterKeys(masterKey);

    expect([status, secrets.length]).toEqual([200, 1]);
  });

  test("that comes after a faster one changes nothing, and says so", async () => {
    const senderId = await aSender();
    let first: Awaited<ReturnType<typeof rotate>> | undefined;
    service.faults.before("UpdateItem", async () => {
      first = await rotate(senderId);
    });

    const second = await rotate(senderId);

    expect([second.status, second.json.code]).toEqual([409, "ROTATION_CONFLICT"]);
    expect(second.json.detail).toContain("Another rotation of this sender was faster");
    expect((await secretsOf(senderId))[0]?.whsec).toBe(first?.json.signingSecret);
    expect(await secretsOf(senderId)).toHaveLength(2);
  });

  test("is refused while five secrets sign, and possible with no overlap", async () => {
    const senderId = await aSender();
    for (let count = 1; count < 5; count += 1) await rotate(senderId);

    const { status, json } = await rotate(senderId);
    const ended = await rotate(senderId, { overlap: "0s" });

    expect([status, json.code, ended.status]).toEqual([409, "TOO_MANY_SECRETS", 200]);
    expect(json.detail).toContain("end the previous ones with an overlap of 0s");
  });

  test("whose answer was lost is done again, and both secrets sign", async () => {
    const senderId = await aSender();
    service.faults.inject({
      ...{ command: "UpdateItem", when: "after", error: awsError("AccessDenied"), times: 1 },
    });

    const failed = await rotate(senderId);
    const { status, json } = await rotate(senderId);

    expect([failed.status, status]).toEqual([503, 200]);
    const secrets = await secretsOf(senderId);
    expect([secrets.length, secrets[0]?.whsec]).toEqual([3, json.signingSecret]);
  });

  test.each([
    ["a short secret", { signingSecret: "whsec_c2hvcnQ=" }, ["signingSecret"]],
    ["an overlap that is too long", { overlap: "91d" }, ["overlap"]],
    ["an overlap that is a number", { overlap: 24 }, ["overlap"]],
    ["all of it wrong", { overlap: "x", signingSecret: 1, secret: newSecret() }, 3],
  ])("with %s is refused, and every fault is named", async (_what, body, paths) => {
    const senderId = await aSender();

    const { status, json } = await rotate(senderId, body);

    const named = json.issues.map(({ path }: Issue) => path.join());
    expect([status, typeof paths === "number" ? named.length : named]).toEqual([400, paths]);
    expect(await secretsOf(senderId)).toHaveLength(1);
  });
});

import { beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiKey, formatApiKey, hashApiKey, isUsable } from "../../domain/api-key.ts";
import { type ApiKeyStore, apiKeyStore } from "../../entities/api-key.ts";
import { dayMs, t0 } from "../support/messages.ts";
import { useTable } from "../support/table.ts";

const table = useTable();
let keys: ApiKeyStore;

beforeAll(() => {
  keys = apiKeyStore(table.storage);
});

const anApiKey = (overrides: Partial<ApiKey> & Pick<ApiKey, "hash">): ApiKey => ({
  senderId: "shop",
  scopes: ["messages:write", "messages:read"],
  label: "checkout",
  createdAt: t0,
  ...overrides,
});

test("a key is found by its hash, as it was created", async () => {
  const key = anApiKey({ hash: "found", expiresAt: t0 + dayMs });

  await keys.create(key);

  expect(await keys.get("found")).toEqual(key);
});

test("a key that is there stays as it is", async () => {
  const key = anApiKey({ hash: "kept" });
  await keys.create(key);

  await keys.create(anApiKey({ hash: "kept", senderId: "thief", label: "mine" }));

  expect(await keys.get("kept")).toEqual(key);
});

test("a revoked key is refused, and keeps the time when it was revoked first", async () => {
  await keys.create(anApiKey({ hash: "revoked" }));

  await keys.revoke("revoked", t0 + dayMs);
  await keys.revoke("revoked", t0 + 2 * dayMs);

  const key = await keys.get("revoked");
  expect(key).toEqual(anApiKey({ hash: "revoked", revokedAt: t0 + dayMs }));
  expect(key && isUsable(key, t0)).toBe(false);
});

test("to create a revoked key again does not bring it back", async () => {
  await keys.create(anApiKey({ hash: "gone" }));
  await keys.revoke("gone", t0);

  await keys.create(anApiKey({ hash: "gone" }));

  expect(await keys.get("gone")).toMatchObject({ revokedAt: t0 });
});

test("to revoke a key that is not there makes none", async () => {
  await keys.revoke("nothing", t0);

  expect(await keys.get("nothing")).toBeUndefined();
});

test("the key itself is nowhere in the table", async () => {
  const text = formatApiKey(new Uint8Array(32).fill(7));

  await keys.create(anApiKey({ hash: hashApiKey(text) }));

  expect(JSON.stringify(await table.scan())).not.toContain(text.slice(4, -6));
});

describe("An end", () => {
  const hour = 3_600_000;

  test("is set, and only ever comes nearer", async () => {
    await keys.create(anApiKey({ hash: "ends" }));

    await keys.endAt("ends", t0 + 2 * hour);
    await keys.endAt("ends", t0 + 3 * hour);
    expect((await keys.get("ends"))?.expiresAt).toBe(t0 + 2 * hour);

    await keys.endAt("ends", t0 + hour);
    expect((await keys.get("ends"))?.expiresAt).toBe(t0 + hour);
  });

  test("is taken back while it is to come", async () => {
    await keys.create(anApiKey({ hash: "stays", expiresAt: t0 + hour }));

    await keys.keep("stays", t0);

    expect(await keys.get("stays")).toEqual(anApiKey({ hash: "stays" }));
  });

  test("that has come, stays: such a key is not brought back", async () => {
    const key = anApiKey({ hash: "over", expiresAt: t0 });
    await keys.create(key);

    await keys.keep("over", t0);

    expect(await keys.get("over")).toEqual(key);
  });

  test("changes nothing of a revoked key, or of none", async () => {
    await keys.create(anApiKey({ hash: "shut", expiresAt: t0 + hour }));
    await keys.revoke("shut", t0);
    const key = await keys.get("shut");

    await keys.keep("shut", t0);
    await keys.endAt("shut", t0 + 1);
    await keys.endAt("nobody", t0);

    expect(await keys.get("shut")).toEqual(key);
    expect(await keys.get("nobody")).toBeUndefined();
  });
});

import { beforeAll, describe, expect, test } from "@jest/globals";
import type { SigningSecret, SigningSecrets } from "../../domain/signing-secrets.ts";
import { senderEntity } from "../../entities/described/sender.ts";
import { type NewSender, type SenderStore, senderStore } from "../../entities/sender.ts";
import { losingAnswers } from "../support/lost-answers.ts";
import { t0 } from "../support/messages.ts";
import { useTable } from "../support/table.ts";

const table = useTable();
let senders: SenderStore;

beforeAll(() => {
  senders = senderStore(table.storage);
});

const aSecret = (sealed: string, createdAt = t0): SigningSecret => ({ sealed, createdAt });

const aSender = (senderId: string, ...secrets: readonly SigningSecret[]): NewSender => ({
  senderId,
  createdAt: t0,
  signingSecrets: [aSecret("sealed-1"), ...secrets],
});

test("a sender comes back with its policy and its secrets", async () => {
  const sender: NewSender = {
    ...aSender("shop", { ...aSecret("sealed-0", t0 - 1), expiresAt: t0 + 1 }),
    scheduleMs: [1000, 60_000],
    maxAttempts: 3,
    timeoutMs: 5000,
    retentionDays: 7,
  };

  await senders.create(sender);

  expect(await senders.get("shop")).toEqual(sender);
});

test("a sender that is there stays as it is, and whoever comes second is told", async () => {
  const sender = aSender("first");
  const first = await senders.create(sender);

  const second = await senders.create({ ...sender, signingSecrets: [aSecret("other")] });

  expect([first, second]).toEqual([{ kind: "done" }, { kind: "lost", current: sender }]);
  expect(await senders.get("first")).toEqual(sender);
});

test("whoever creates a sender and does not hear the answer knows its own write again", async () => {
  const { over, requests } = losingAnswers("PutItem");

  const created = await senderStore(over(table)).create(aSender("unheard"));

  expect([created, requests()]).toEqual([{ kind: "done" }, 2]);
});

test("a sender that is not there is undefined", async () => {
  expect(await senders.get("nobody")).toBeUndefined();
});

test("senders are apart by the case of a letter", async () => {
  await senders.create(aSender("acme"));

  expect(await senders.get("Acme")).toBeUndefined();
});

describe("A change of defaults", () => {
  test("sets and removes what it names, and nothing else", async () => {
    const sender = { ...aSender("changed"), scheduleMs: [1000], maxAttempts: 3, timeoutMs: 5000 };
    await senders.create(sender);

    const changed = await senders.change("changed", {
      ...{ scheduleMs: [2000, 3000], maxAttempts: null, retentionDays: 7 },
    });

    const { maxAttempts: _, ...rest } = sender;
    expect(changed).toEqual({ ...rest, scheduleMs: [2000, 3000], retentionDays: 7 });
    expect(await senders.get("changed")).toEqual(changed);
  });

  test("makes no sender", async () => {
    expect(await senders.change("unmade", { timeoutMs: 5000 })).toBeUndefined();
    expect(await senders.get("unmade")).toBeUndefined();
  });
});

describe("A rotation", () => {
  /** In the same millisecond, so that no time tells one secret from another. */
  const to = (sealed: string): SigningSecrets => [
    aSecret(sealed),
    { ...aSecret("sealed-1"), expiresAt: t0 + 2 },
  ];

  test("replaces the secrets that were seen, and nothing else", async () => {
    const seen = { ...aSender("rotated"), maxAttempts: 3 };
    await senders.create(seen);

    const changed = await senders.rotate(seen, to("sealed-2"));

    expect(changed).toEqual({ kind: "done" });
    expect(await senders.get("rotated")).toEqual({ ...seen, signingSecrets: to("sealed-2") });
  });

  test("the slower of two rotations changes nothing, and says so", async () => {
    const seen = aSender("raced");
    await senders.create(seen);

    const changed = await Promise.all([
      senders.rotate(seen, to("sealed-2")),
      senders.rotate(seen, to("sealed-3")),
    ]);

    expect(changed.map(({ kind }) => kind).sort()).toEqual(["done", "lost"]);
    const winner = changed[0].kind === "done" ? "sealed-2" : "sealed-3";
    expect((await senders.get("raced"))?.signingSecrets).toEqual(to(winner));
    expect(changed).toContainEqual({
      kind: "lost",
      current: { ...seen, signingSecrets: to(winner) },
    });
  });

  test("a rotation whose answer was lost recognizes its own write", async () => {
    const seen = aSender("deaf");
    await senders.create(seen);
    const { over, requests } = losingAnswers("UpdateItem");

    const changed = await senderStore(over(table)).rotate(seen, to("sealed-2"));

    expect([changed, requests()]).toEqual([{ kind: "done" }, 2]);
  });

  test("gives a sender without secrets its first, and is not for one that has some", async () => {
    const bare = { senderId: "bare", createdAt: t0 };
    await senderEntity(table.storage).create(bare).go();

    const first = await senders.rotate(bare, [aSecret("sealed-2")]);
    const second = await senders.rotate(bare, [aSecret("sealed-3")]);

    expect([first.kind, second.kind]).toEqual(["done", "lost"]);
    expect((await senders.get("bare"))?.signingSecrets).toEqual([aSecret("sealed-2")]);
  });

  test("makes no sender", async () => {
    const changed = await senders.rotate(aSender("none"), to("sealed-2"));

    expect(changed).toEqual({ kind: "lost", current: undefined });
    expect(await senders.get("none")).toBeUndefined();
  });
});

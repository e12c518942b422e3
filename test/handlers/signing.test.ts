/** Whoever receives a delivery can tell that it is ours, and whose: by somebody else's verifier. */
import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { failureFields } from "../../adapters/failure.ts";
import { masterKeyVault } from "../../adapters/vault.ts";
import type { DeliveryRecord } from "../../domain/record.ts";
import { formatSecret, parseSecret, webhookId } from "../../domain/signature.ts";
import type { SigningSecret } from "../../domain/signing-secrets.ts";
import { senderEntity } from "../../entities/described/sender.ts";
import type { SenderStore } from "../../entities/sender.ts";
import { newSecret, rotateSecret, sealSecret, secretsReader } from "../../handlers/signing.ts";
import { awsError } from "../support/faults.ts";
import { type Answer, openReceiver, type Seen } from "../support/receiver.ts";
import { aRequest, masterKey, secretOf, useService } from "../support/service.ts";

const dayMs = 86_400_000;
const rememberMs = 60_000;

const service = useService();
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let answer: (attempt: number) => Answer = () => ({ status: 200 });
let ids = 0;

beforeAll(async () => {
  receiver = await openReceiver((_, attempt) => answer(attempt));
});
afterEach(() => {
  answer = () => ({ status: 200 });
  service.faults.clear();
  service.useMasterKeys(masterKey);
});
afterAll(() => receiver.close());

/** A sender that no other test of the file has, and its API key. */
const aSender = async () => {
  ids += 1;
  const senderId = `sender-${ids}`;
  return { senderId, apiKey: await service.senderWithKey(senderId) };
};
type TestSender = Awaited<ReturnType<typeof aSender>>;

/** Submits a message; the record of its first attempt. */
const submitted = async (
  { senderId, apiKey }: TestSender,
  overrides: object = {},
): Promise<DeliveryRecord> => {
  ids += 1;
  const messageId = `signed-${ids}`;
  const targetUrl = `${receiver.url}/hook`;
  const request = aRequest({ messageId, senderId, targetUrl, ...overrides });
  expect((await service.submit(request, apiKey)).status).toBe(202);
  return { v: 1, senderId, messageId, attempt: 1 };
};

/** Submits a message and makes its first attempt; what the target saw of it. */
const delivered = async (sender: TestSender, overrides: object = {}): Promise<Seen> => {
  const record = await submitted(sender, overrides);
  expect(await service.work(record)).toEqual({ batchItemFailures: [] });
  const [seen, ...more] = receiver.of(record.messageId);
  expect(more).toEqual([]);
  return seen as Seen;
};

/** Verifies as a receiver does that holds a secret; its verifier has a clock of its own. */
const verify = (secret: string, seen: Seen, at = service.now()): unknown => {
  const clock = jest.spyOn(Date, "now").mockReturnValue(at);
  try {
    return new Webhook(secret).verify(seen.body, seen.headers as Record<string, string>);
  } finally {
    clock.mockRestore();
  }
};
const verifies = (secret: string, seen: Seen): boolean => {
  try {
    verify(secret, seen);
    return true;
  } catch {
    return false;
  }
};

/** The signature by the letter of the specification, over whatever bytes came in. */
const signatureOf = (secret: string, { headers, body }: Seen): string => {
  const signed = createHmac("sha256", parseSecret(secret) as Uint8Array)
    .update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`)
    .update(body);
  return `v1,${signed.digest("base64")}`;
};

const rotated = async (senderId: string, whsec = newSecret(), overlapMs?: number) => {
  const result = await rotateSecret(service.deps, senderId, whsec, overlapMs);
  expect(result.kind).toBe("rotated");
  return whsec;
};

describe("A delivery", () => {
  test("is verified by a receiver that holds the sender's secret", async () => {
    const sender = await aSender();

    const seen = await delivered(sender, { body: { name: "Zoë 日本" } });

    expect(verify(secretOf(sender.senderId), seen)).toEqual({ name: "Zoë 日本" });
    expect(seen.headers["webhook-timestamp"]).toBe(String(Math.floor(service.now() / 1000)));
  });

  test("is not verified by the secret of another sender", async () => {
    const [one, other] = [await aSender(), await aSender()];

    const seen = await delivered(one);

    expect(() => verify(secretOf(other.senderId), seen)).toThrow("No matching signature found");
  });

  test("is not verified after five minutes, so that nobody can send it again", async () => {
    const sender = await aSender();

    const seen = await delivered(sender);

    const later = () => verify(secretOf(sender.senderId), seen, service.now() + 301_000);
    expect(later).toThrow("Message timestamp too old");
  });

  test("is signed over exactly the bytes that were sent, be they text or not", async () => {
    const sender = await aSender();
    const bodies = fc.uint8Array({ maxLength: 3000 });

    await fc.assert(
      fc.asyncProperty(bodies, async (bytes) => {
        const bodyBase64 = Buffer.from(bytes).toString("base64");
        const seen = await delivered(sender, { body: undefined, bodyBase64 });

        expect([...seen.body]).toEqual([...bytes]);
        expect(seen.headers["webhook-signature"]).toBe(
          signatureOf(secretOf(sender.senderId), seen),
        );
      }),
      { numRuns: 30 },
    );
  });

  test.each(["GET", "DELETE", "POST"])("a %s without a body is signed too", async (method) => {
    const sender = await aSender();

    const seen = await delivered(sender, { method, body: undefined });

    expect(seen.body).toHaveLength(0);
    expect(seen.headers["webhook-signature"]).toBe(signatureOf(secretOf(sender.senderId), seen));
  });

  test("a retry has a new time and signature, and the same id", async () => {
    const sender = await aSender();
    answer = (attempt) => ({ status: attempt === 1 ? 503 : 200 });
    const record = await submitted(sender);

    await service.work(record);
    const firstAt = service.now();
    service.advance(5000);
    await service.work({ ...record, attempt: 2 });

    const [first, second] = receiver.of(record.messageId) as [Seen, Seen];
    expect(first.headers["webhook-id"]).toBe(webhookId(sender.senderId, record.messageId));
    expect(second.headers["webhook-id"]).toBe(first.headers["webhook-id"]);
    expect(Number(second.headers["webhook-timestamp"])).toBe(Math.floor(firstAt / 1000) + 5);
    expect(second.headers["webhook-signature"]).not.toBe(first.headers["webhook-signature"]);
    for (const [seen, at] of [[first, firstAt] as const, [second, service.now()] as const])
      expect(verify(secretOf(sender.senderId), seen, at)).toEqual({ order: 1 });
  });
});

describe("A rotation", () => {
  test("is verified with the old secret and with the new one, which signs first", async () => {
    const sender = await aSender();
    const oldSecret = secretOf(sender.senderId);
    const newOne = await rotated(sender.senderId);

    const seen = await delivered(sender);

    expect([verifies(oldSecret, seen), verifies(newOne, seen)]).toEqual([true, true]);
    expect(seen.headers["webhook-signature"]).toBe(
      `${signatureOf(newOne, seen)} ${signatureOf(oldSecret, seen)}`,
    );
  });

  test("is over after a day: the old secret verifies nothing any more", async () => {
    const sender = await aSender();
    const newOne = await rotated(sender.senderId);
    service.advance(dayMs - 1);
    const last = await delivered(sender);
    const lastVerified = verifies(secretOf(sender.senderId), last);
    service.advance(1);

    const seen = await delivered(sender);

    expect(lastVerified).toBe(true);
    expect([verifies(secretOf(sender.senderId), seen), verifies(newOne, seen)]).toEqual([
      ...[false, true],
    ]);
  });

  test("is noticed within a minute by a worker that knows the sender", async () => {
    const sender = await aSender();
    await delivered(sender);
    const newOne = await rotated(sender.senderId);

    service.advance(rememberMs);
    const before = await delivered(sender);
    const verifiedBefore = verifies(newOne, before);
    service.advance(1);
    const after = await delivered(sender);

    expect([verifiedBefore, verifies(newOne, after)]).toEqual([false, true]);
    expect(verifies(secretOf(sender.senderId), after)).toBe(true);
  });

  test("without an overlap ends a secret that got about", async () => {
    const sender = await aSender();
    const newOne = await rotated(sender.senderId, newSecret(), 0);

    const seen = await delivered(sender);

    expect(seen.headers["webhook-signature"]).toBe(signatureOf(newOne, seen));
  });

  test("takes a secret that receivers hold already", async () => {
    const sender = await aSender();
    const brought = formatSecret(Buffer.alloc(24, "theirs"));
    await rotated(sender.senderId, brought, 0);

    expect(verify(brought, await delivered(sender))).toEqual({ order: 1 });
  });

  test.each([
    ["not-a-secret", "whsec_c2hvcnQ=", ""],
    ["no-sender", newSecret(), "nobody"],
  ])("is refused: %s", async (why, whsec, name) => {
    const sender = await aSender();

    const result = await rotateSecret(service.deps, name || sender.senderId, whsec);

    expect(result).toEqual({ kind: "refused", why });
    expect((await service.senders.get(sender.senderId))?.signingSecrets).toHaveLength(1);
    expect(await service.senders.get("nobody")).toBeUndefined();
  });

  test("is refused while five secrets sign", async () => {
    const sender = await aSender();
    for (let count = 1; count < 5; count += 1) await rotated(sender.senderId);

    const result = await rotateSecret(service.deps, sender.senderId, newSecret());
    const seen = await delivered(sender);

    expect(result).toEqual({ kind: "refused", why: "too-many" });
    expect(String(seen.headers["webhook-signature"]).split(" ")).toHaveLength(5);
  });

  test("the slower of two rotations is refused, and the other's secret signs", async () => {
    const sender = await aSender();
    const winner = newSecret();
    service.faults.before("UpdateItem", () => rotated(sender.senderId, winner));

    const result = await rotateSecret(service.deps, sender.senderId, newSecret());

    expect(result).toEqual({ kind: "refused", why: "raced" });
    const seen = await delivered(sender);
    expect(seen.headers["webhook-signature"]).toBe(
      `${signatureOf(winner, seen)} ${signatureOf(secretOf(sender.senderId), seen)}`,
    );
  });
});

describe("What cannot be signed is not sent:", () => {
  /** Makes an attempt that must fail on our side, and all that comes after it by itself. */
  const failedThenNext = async (record: DeliveryRecord, mend: () => unknown) => {
    const response = await service.work(record);
    expect(response.batchItemFailures).toHaveLength(1);
    expect(receiver.of(record.messageId)).toEqual([]);
    expect(await service.get(record.messageId, record.senderId)).toMatchObject({
      ...{ status: "PROCESSING", attempts: 1 },
    });
    // The record comes back, and there is nothing for it to claim.
    expect(await service.work(record)).toEqual({ batchItemFailures: [] });

    await mend();
    service.advance(65_000 + 5001 + 120_000);
    await service.dispatch();
    service.advance(6000);
    await service.work({ ...record, attempt: 2 });
    return receiver.of(record.messageId);
  };
  const lastFailure = () => failureFields(service.failures.at(-1)?.error);

  test("a sender without a secret: its message waits until it is given one", async () => {
    const sender = await aSender();
    const bare = { senderId: sender.senderId, createdAt: service.now() };
    await senderEntity(service.storage).put(bare).go();
    const record = await submitted(sender);

    const seen = await failedThenNext(record, async () => {
      expect(lastFailure()).toMatchObject({ code: "SENDER_UNSIGNED" });
      await rotated(sender.senderId, secretOf(sender.senderId));
    });

    expect(seen.map((each) => verifies(secretOf(sender.senderId), each))).toEqual([true]);
    const message = await service.get(record.messageId, sender.senderId);
    expect(message).toMatchObject({ status: "COMPLETED", attempts: 2 });
  });

  test("a lost master key: the message waits until it is back", async () => {
    const sender = await aSender();
    const record = await submitted(sender);
    service.useMasterKeys(Buffer.alloc(32, "another"));

    const seen = await failedThenNext(record, () => {
      expect(lastFailure()).toMatchObject({ code: "SEALED_KEY_UNKNOWN" });
      service.useMasterKeys(Buffer.alloc(32, "another"), masterKey);
    });

    expect(seen.map((each) => verifies(secretOf(sender.senderId), each))).toEqual([true]);
  });

  test("a secret that was sealed for another sender", async () => {
    const [thief, other] = [await aSender(), await aSender()];
    const stolen = await service.senders.get(other.senderId);
    const mine = { ...stolen, senderId: thief.senderId, createdAt: service.now() };
    await senderEntity(service.storage)
      .put(mine as never)
      .go();

    await service.work(await submitted(thief));

    expect(lastFailure()).toMatchObject({ code: "SEALED_NOT_OURS" });
  });

  test("a table that does not answer for the sender", async () => {
    const sender = await aSender();
    const record = await submitted(sender);
    const error = awsError("AccessDeniedException");
    service.faults.inject({ command: "GetItem", when: "before", error, times: 1 });

    const seen = await failedThenNext(record, () => {});

    expect(seen).toHaveLength(1);
  });
});

test("A sender is read once a minute, however many messages it has", async () => {
  const sender = await aSender();
  const records = [await submitted(sender), await submitted(sender), await submitted(sender)];
  const before = service.faults.calls.length;

  await service.work(...records);

  expect(service.faults.calls.slice(before).filter((call) => call === "GetItem")).toHaveLength(1);
});

test("A secret is decrypted once, and signs until it expires", async () => {
  const vault = masterKeyVault([Buffer.alloc(32, 7)]);
  const opened: string[] = [];
  const counting = {
    ...vault,
    open: (sealed: string, context: string) => {
      opened.push(sealed);
      return vault.open(sealed, context);
    },
  };
  const now = Date.parse("2026-03-01T12:00:00Z");
  const secrets = [newSecret(), newSecret()];
  const signingSecrets = secrets.map((secret, index) => ({
    ...(sealSecret(vault, "shop", secret, now) as SigningSecret),
    ...(index === 1 && { expiresAt: now + 2 }),
  }));
  let at = now;
  const senders = { get: async () => ({ senderId: "shop", createdAt: now, signingSecrets }) };
  const secretsOf = secretsReader({
    ...{ senders: senders as unknown as SenderStore, vault: counting, clock: () => at },
  });

  const [first, second] = [await secretsOf("shop"), await secretsOf("shop")];
  at = now + 2;
  const third = await secretsOf("shop");

  expect([first, second, third]).toEqual([secrets, secrets, secrets.slice(0, 1)]);
  expect(opened).toEqual(signingSecrets.map(({ sealed }) => sealed));
});

test("No signing secret is in the table, in a log or in an answer", async () => {
  const sender = await aSender();
  const secret = await rotated(sender.senderId);
  const { messageId } = await submitted(sender);
  await service.work({ v: 1, senderId: sender.senderId, messageId, attempt: 1 });
  const { text } = await service.request(`/v1/messages/${messageId}`, {}, sender.apiKey);

  const failures = service.failures.map(({ error }) => [String(error), failureFields(error)]);
  const seen = JSON.stringify([await service.table.scan(), service.lines, failures, text]);

  for (const each of [secret, secretOf(sender.senderId)])
    for (const trace of [each.slice(6), Buffer.from(each).toString("base64url").slice(8, -4)])
      expect(seen).not.toContain(trace);
});

/** What is in a secret header is for its target: at rest it is sealed, and shown it is masked. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { failureFields } from "../../adapters/failure.ts";
import { masterKeyVault } from "../../adapters/vault.ts";
import { fingerprintOf } from "../../domain/fingerprint.ts";
import type { Message } from "../../domain/message.ts";
import { fingerprintMac, openHeaders, sealHeaders } from "../../handlers/secret-headers.ts";
import { type Answer, openReceiver } from "../support/receiver.ts";
import { aRequest, masterKey, useService } from "../support/service.ts";

const service = useService();
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let answer: Answer = { status: 200 };
let ids = 0;

beforeAll(async () => {
  receiver = await openReceiver(() => answer);
});
afterEach(() => service.useMasterKeys(masterKey));
afterAll(() => receiver.close());

const anId = (): string => {
  ids += 1;
  return `sealed-${ids}`;
};
const aMessage = (overrides: object) =>
  aRequest({ messageId: anId(), targetUrl: `${receiver.url}/hook`, ...overrides });

const recordOf = (messageId: string, attempt = 1) =>
  ({ v: 1, senderId: "shop", messageId, attempt }) as const;

/** The forms in which bytes would show in an item, a log or an answer. */
const tracesOf = (value: string): readonly string[] => {
  const bytes = Buffer.from(value);
  const inBase64 = bytes.toString("base64");
  return [
    value.slice(0, 24),
    inBase64.slice(0, -4),
    bytes.toString("base64url"),
    bytes.join(),
    bytes.toString("hex"),
  ];
};

const secretNames = ["authorization", "Cookie", "X-Api-Key", "x-hub-signature", "X-TOKEN"];
/** Long enough that none is met by accident; Latin-1, as a header's value may be. */
const secretValue = fc.stringMatching(/^[0-9a-f]{24}[!-~\xa1-\xff]{0,20}$/);
const secretHeaders = fc
  .uniqueArray(fc.constantFrom(...secretNames), { minLength: 1 })
  .chain((names) => fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), secretValue))))
  .map((entries): Record<string, string> => Object.fromEntries(entries));
const plainHeaders = fc.constantFrom<Record<string, string>[]>(
  {},
  { "X-Shop": "7", "content-type": "application/json" },
  { "x-looks-sealed": "v1.abcdefgh.abcdefghijklmnop.abcdefghijklmnopqrstuvwxyz" },
);

test("The value of a secret header is at its target, exactly, and nowhere else", async () => {
  const bodies = fc.constantFrom("x", "x".repeat(3000));
  const answers = fc.constantFrom<Answer[]>({ status: 200 }, { status: 500 }, { status: 410 });
  const values: string[] = [];
  const shown: unknown[] = [];

  await fc.assert(
    fc.asyncProperty(secretHeaders, plainHeaders, bodies, answers, async (...given) => {
      const [secrets, plain, body, answered] = given;
      answer = answered;
      const headers = { ...plain, ...secrets };
      const request = aMessage({ headers, body });
      const { messageId } = request;
      const other = { ...headers, authorization: "other" };

      const got = [
        await service.submit(request),
        await service.submit(request),
        await service.submit({ ...request, headers: other }),
        await service.request(`/v1/messages/${messageId}`),
      ];
      await service.work(recordOf(messageId));
      got.push(await service.request(`/v1/messages/${messageId}/attempts`));

      expect(got.map(({ status }) => status)).toEqual([202, 200, 409, 200, 200]);
      expect(got[3]?.json.headers).toEqual({
        ...plain,
        ...Object.fromEntries(Object.keys(secrets).map((name) => [name, "***"])),
      });
      const [seen] = receiver.of(messageId);
      for (const [name, value] of Object.entries(headers))
        expect(seen?.headers[name.toLowerCase()]).toBe(value);
      values.push(...Object.values(secrets));
      shown.push(got.map(({ text, headers: their }) => [text, ...their]));
    }),
    { numRuns: 40 },
  );

  const failures = service.failures.map(({ what, error }) => [what, failureFields(error)]);
  shown.push(await service.table.scan(), service.lines, service.queued(), failures);
  const text = JSON.stringify(shown);
  expect(text).toContain("X-Shop");
  for (const trace of values.flatMap(tracesOf)) expect(text).not.toContain(trace);
});

describe("At rest", () => {
  const headers = { "X-B": "2", Authorization: "Bearer canary", "X-A": "1", cookie: "" };

  test.each([
    ["in the message", "x"],
    ["in its payload", "x".repeat(3000)],
  ])("the others stay as they were given: %s", async (_name, body) => {
    const { messageId } = aMessage({ headers });
    await service.submit(aMessage({ messageId, headers, body }));

    const items = await service.table.scan();

    const [stored] = items.filter(
      (item) => item["messageId"] === messageId && item["headers"] !== undefined,
    );
    const sealed = expect.stringMatching(/^v1\.[\w-]{8}\.[\w-]{16}\.[\w-]{22,}$/);
    expect(stored?.["headers"]).toEqual({ ...headers, Authorization: sealed, cookie: sealed });
  });

  test("a value is sealed for its message and its header, and opens for no other", async () => {
    const { messageId } = aMessage({ headers });
    await service.submit(aMessage({ messageId, headers }));
    const message = await service.get(messageId);
    if (!message) throw new Error("The message is not there");
    const { Authorization: sealed = "" } = message.headers ?? {};
    const { vault } = service;

    expect(openHeaders(vault, message, { Authorization: sealed })).toEqual({
      Authorization: "Bearer canary",
    });
    for (const open of [
      () => openHeaders(vault, { ...message, messageId: "other" }, { Authorization: sealed }),
      () => openHeaders(vault, { ...message, senderId: "other" }, { Authorization: sealed }),
      () => openHeaders(vault, message, { cookie: sealed }),
    ])
      expect(open).toThrow("Cannot decrypt");
  });

  test.each([
    ["small", { order: 1 }],
    ["large", { order: "x".repeat(2000) }],
  ])("a repeat is known after a rotation of the master key: %s", async (_size, body) => {
    const request = aMessage({ headers, body });
    await service.submit(request);
    service.useMasterKeys(Buffer.alloc(32, "another"), masterKey);

    const { status, json } = await service.submit(request);
    const other = { ...headers, Authorization: "Bearer other" };
    const conflict = await service.submit({ ...request, headers: other });

    expect([status, json.duplicate]).toEqual([200, true]);
    expect(conflict.status).toBe(409);
    expect((await service.submit(aMessage({ headers }))).status).toBe(202);
  });

  test("a repeat cannot be told without the master key of before: that is our failure", async () => {
    const request = aMessage({ headers });
    await service.submit(request);
    const before = await service.get(request.messageId);
    service.useMasterKeys(Buffer.alloc(32, "another"));

    const { status, json } = await service.submit(request);

    expect([status, json.code]).toEqual([503, "SYSTEM_ERROR"]);
    expect(failureFields(service.failures.at(-1)?.error)).toMatchObject({
      code: "SEALED_KEY_UNKNOWN",
    });
    expect(await service.get(request.messageId)).toEqual(before);
    service.useMasterKeys(Buffer.alloc(32, "another"), masterKey);
    expect((await service.submit(request)).status).toBe(200);
  });

  test("a value cannot be guessed with what is stored: its fingerprint needs the key", async () => {
    const pin = "Bearer 0382";
    const request = aMessage({ headers: { "X-Shop": "7", Authorization: pin } });
    const { messageId, senderId, timestamp, targetUrl } = request;
    await service.submit(request);
    const stored = await service.get(messageId);
    if (!stored) throw new Error("The message is not there");
    const { body, bodyType, fingerprint } = stored;

    const guess = masterKeyVault([Buffer.alloc(32, "a key of the thief")]);
    const known = { messageId, senderId, timestamp, targetUrl };
    const hits = Array.from({ length: 1000 }, (_, index) => {
      const Authorization = `Bearer ${String(index).padStart(4, "0")}`;
      const asked = { ...known, headers: { "X-Shop": "7", Authorization }, body, bodyType };
      const plain = fingerprintOf(asked, (text) => text);
      const texts = [fingerprintOf(asked, fingerprintMac(guess)), plain, plain.slice(3)];
      return texts.filter((text) => text !== "" && fingerprint.includes(text));
    });

    expect(hits.flat()).toEqual([]);
    // The same guesses find it where they have the key, so they are the right ones.
    const right = { ...known, headers: { "X-Shop": "7", Authorization: pin }, body, bodyType };
    expect(fingerprintOf(right, fingerprintMac(service.vault))).toBe(fingerprint);
  });

  test("a message is inline only if it is small enough with its values sealed", async () => {
    const lengths = Array.from({ length: 40 }, (_, index) => 10 + index * 20);
    let grown = 0;
    for (const length of lengths) {
      const own = { authorization: "x".repeat(length) };
      const request = aMessage({ headers: own, body: "x" });
      await service.submit(request);
      const message = await service.get(request.messageId);
      if (!message) throw new Error("The message is not there");

      const plain = { ...message, payload: undefined, headers: own, body: Buffer.from("x") };
      if (!message.payload) expect(service.messages.fitsInline(message)).toBe(true);
      else if (service.messages.fitsInline(plain)) grown += 1;
    }

    // Some were small enough only as long as they were plain.
    expect(grown).toBeGreaterThan(0);
  });
});

describe("A master key", () => {
  test("a rotated master key decrypts what it encrypted", async () => {
    answer = { status: 200 };
    const request = aMessage({ headers: { authorization: "Bearer q" } });
    await service.submit(request);
    service.useMasterKeys(Buffer.alloc(32, "another"), masterKey);

    await service.work(recordOf(request.messageId));

    expect(receiver.of(request.messageId)[0]?.headers["authorization"]).toBe("Bearer q");
  });

  test("without its master key a message is neither sent nor lost, and we log a failure", async () => {
    answer = { status: 200 };
    // The sender's secret is known to the worker already, so that only the header does not open.
    await service.submit(aMessage({ messageId: "before" }));
    await service.work(recordOf("before"));
    const request = aMessage({ headers: { authorization: "Bearer q" } });
    const { messageId } = request;
    service.useMasterKeys(Buffer.alloc(32, "another"));
    await service.submit(request);
    service.useMasterKeys(masterKey);

    const response = await service.work(recordOf(messageId));

    expect(response.batchItemFailures).toHaveLength(1);
    expect(receiver.of(messageId)).toEqual([]);
    expect(failureFields(service.failures.at(-1)?.error)).toMatchObject({
      code: "SEALED_KEY_UNKNOWN",
    });
    expect(await service.get(messageId)).toMatchObject({ status: "PROCESSING", attempts: 1 });
    service.useMasterKeys(masterKey, Buffer.alloc(32, "another"));
    service.advance(65_000 + 5001 + 120_000);
    await service.dispatch();
    service.advance(6000);
    await service.work(recordOf(messageId, 2));
    expect(receiver.of(messageId).map((seen) => seen.headers["authorization"])).toEqual([
      "Bearer q",
    ]);
    const { json } = await service.request(`/v1/messages/${messageId}/attempts`);
    expect(json.attempts).toMatchObject([
      { number: 1, outcome: "unknown" },
      { number: 2, outcome: "delivered" },
    ]);
  });
});

describe("What a secret header is sealed for", () => {
  const named = (messageId: string) => ({ senderId: "shop", messageId }) as Message;

  test("is no other header of another message, whatever # there is in id and name", () => {
    const headers = sealHeaders(service.vault, { ...named("a"), headers: { "token#key": "1" } });
    const sealed = headers?.["token#key"] ?? "";

    expect(openHeaders(service.vault, named("a"), { "token#key": sealed })).toEqual({
      "token#key": "1",
    });
    expect(() => openHeaders(service.vault, named("a#token"), { key: sealed })).toThrow();
  });

  test("is what it was before ids could have other characters", () => {
    const sealed = service.vault.seal(Buffer.from("1"), "header#shop#order:1.a_b-c#authorization");

    const opened = openHeaders(service.vault, named("order:1.a_b-c"), { authorization: sealed });

    expect(opened).toEqual({ authorization: "1" });
  });
});

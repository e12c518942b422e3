/** Who may do what: API keys, their scopes, and how long a key is remembered. */
import { describe, expect, test } from "@jest/globals";
import { formatApiKey, hashApiKey } from "../../../domain/api-key.ts";
import { apiKeyStore } from "../../../entities/api-key.ts";
import { awsError } from "../../support/faults.ts";
import { aRequest, useService } from "../../support/service.ts";

const minuteMs = 60_000;

const service = useService();
let ids = 0;
const anId = (): string => `key-${++ids}`;

const aKey = (byte = ++ids): string => formatApiKey(new Uint8Array(32).fill(byte));
const submit = (key: string, senderId = "shop") =>
  service.submit(aRequest({ messageId: anId(), senderId }), key);

/** The answer to a read with this header, or with none. */
const readWith = async (authorization?: string) => {
  const response = await service.api.request("/v1/messages/none", {
    headers: authorization === undefined ? {} : { authorization },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

test("A caller without a valid key has none of its body read", async () => {
  let reads = 0;
  const body = new ReadableStream(
    {
      pull: (controller) => {
        reads += 1;
        controller.enqueue(new Uint8Array(1024));
      },
    },
    { highWaterMark: 0 },
  );

  const response = await service.api.request("/v1/messages", {
    ...{ method: "POST", body, duplex: "half" },
    headers: { "content-type": "application/json", authorization: "Bearer none" },
  } as RequestInit);

  expect(response.status).toBe(401);
  expect(reads).toBe(0);
});

const revoke = (key: string) => apiKeyStore(service.storage).revoke(hashApiKey(key), service.now());

/** How often the table is asked for a key or a sender while something is done. */
const lookUpsDuring = async (act: () => Promise<unknown>): Promise<number> => {
  const before = service.faults.inputs("GetItem").length;
  await act();
  return service.faults
    .inputs("GetItem")
    .slice(before)
    .filter(({ Key: key }) => /hash_|\$sender_1/.test(JSON.stringify(key))).length;
};

describe("Whoever has no valid key", () => {
  const notAKey: readonly (readonly [string, () => string | undefined])[] = [
    ["no header", () => undefined],
    ["an empty header", () => ""],
    ["another scheme", () => `Basic ${service.apiKey}`],
    ["no scheme", () => service.apiKey],
    ["no key", () => "Bearer "],
    ["two keys", () => `Bearer ${service.apiKey} ${service.apiKey}`],
    ["a key that is no key", () => "Bearer secret"],
    ["a key that is cut off", () => `Bearer ${service.apiKey.slice(0, -1)}`],
    ["a key with more behind it", () => `Bearer ${service.apiKey}0`],
    ["a key in other letters", () => `Bearer ${service.apiKey.toUpperCase()}`],
    [
      "a key with a mistyped letter",
      () =>
        `Bearer ${service.apiKey.slice(0, 9)}${service.apiKey[9] === "a" ? "b" : "a"}${service.apiKey.slice(10)}`,
    ],
  ];
  const notValid: readonly (readonly [string, () => Promise<string>])[] = [
    ["nobody was given", async () => aKey()],
    ["has expired", () => service.senderWithKey("shop", { expiresAt: service.now() })],
    [
      "was revoked",
      async () => {
        const key = await service.senderWithKey("shop");
        await revoke(key);
        return key;
      },
    ],
    [
      "belongs to a sender that is not there",
      async () => {
        const key = aKey();
        await apiKeyStore(service.storage).create({
          hash: hashApiKey(key),
          senderId: "nobody",
          scopes: ["messages:read"],
          label: "test",
          createdAt: service.now(),
        });
        return key;
      },
    ],
  ];

  const unauthenticated =
    '{"type":"urn:postrider:problem:unauthenticated","status":401,"title":"A valid API key is needed","code":"UNAUTHENTICATED","detail":"Send a valid API key as `Authorization: Bearer <key>`."}';

  test.each(notAKey)(
    "but %s gets the same answer as all, without a look into the table",
    async (_name, header) => {
      const before = service.faults.calls.length;

      const answer = await readWith(header());

      expect([answer.status, answer.text]).toEqual([401, unauthenticated]);
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(service.faults.calls).toHaveLength(before);
    },
  );

  test.each(notValid)("but one that %s gets the same answer as all", async (_name, keyOf) => {
    const key = await keyOf();

    const [read, write] = [await readWith(`Bearer ${key}`), await submit(key)];

    expect([read.status, read.text]).toEqual([401, unauthenticated]);
    expect([...read.headers]).toEqual([...(await readWith()).headers]);
    expect([write.status, write.text]).toEqual([401, unauthenticated]);
    expect(write.headers.get("www-authenticate")).toBe("Bearer");
  });

  test.each([
    "/v1/messages",
    "/v1/messages?status=none",
    "/v1/messages?cursor=none",
    "/v1/failures",
    "/v1/counts",
  ])("gets the same answer at %s, before the query is looked at", async (path) => {
    for (const key of ["", aKey()]) {
      const { status, text } = await service.request(path, {}, key);

      expect([status, text]).toEqual([401, unauthenticated]);
    }
  });

  test("stores nothing", async () => {
    const messageId = anId();

    await service.submit(aRequest({ messageId }), aKey());

    expect(await service.get(messageId)).toBeUndefined();
    expect(service.lines.at(-1)).toEqual({
      event: "submit",
      problem: "UNAUTHENTICATED",
      transitions: [],
      durationMs: 0,
    });
  });
});

describe("A key", () => {
  test.each(["Bearer", "bearer", "BEARER  "])("may come with the scheme %s", async (scheme) => {
    const { status } = await readWith(`${scheme} ${service.apiKey}`);

    expect(status).toBe(404);
  });

  test("works the moment it is created, also where it was tried before", async () => {
    const key = aKey();
    const early = await submit(key);
    await apiKeyStore(service.storage).create({
      hash: hashApiKey(key),
      senderId: "shop",
      scopes: ["messages:write"],
      label: "test",
      createdAt: service.now(),
    });

    expect([early.status, (await submit(key)).status]).toEqual([401, 202]);
  });

  test("works until it expires, also where it is remembered", async () => {
    const key = await service.senderWithKey("shop", { expiresAt: service.now() + 1000 });

    const first = await submit(key);
    service.advance(999);
    const last = await submit(key);
    service.advance(1);
    const late = await submit(key);

    expect([first.status, last.status, late.status]).toEqual([202, 202, 401]);
  });

  test("that is revoked works for a minute at most where it is remembered", async () => {
    const key = await service.senderWithKey("shop");
    await submit(key);
    await revoke(key);

    service.advance(minuteMs / 2);
    const halfway = await submit(key);
    service.advance(minuteMs / 2);
    const last = await submit(key);
    service.advance(1);
    const late = await submit(key);

    expect([halfway.status, last.status, late.status]).toEqual([202, 202, 401]);
  });

  test("is looked up once a minute", async () => {
    const key = await service.senderWithKey("shop");

    const first = await lookUpsDuring(() => submit(key));
    const minute = await lookUpsDuring(async () => {
      for (let second = 0; second < 60; second += 1) {
        service.advance(1000);
        await submit(key);
      }
    });
    service.advance(1);
    const next = await lookUpsDuring(() => submit(key));

    expect([first, minute, next]).toEqual([2, 0, 2]);
  });

  test("is looked up once for many requests at once", async () => {
    const key = await service.senderWithKey("shop");
    const statuses: number[] = [];

    const lookUps = await lookUpsDuring(async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => submit(key)));
      statuses.push(...answers.map(({ status }) => status));
    });

    expect(statuses).toEqual(Array(20).fill(202));
    expect(lookUps).toBe(2);
  });

  test("whose look-up failed is looked up again", async () => {
    const key = await service.senderWithKey("shop");
    const error = awsError("AccessDeniedException");
    service.faults.inject({ command: "GetItem", when: "before", error, times: 1 });

    const [failed, next] = [await submit(key), await submit(key)];

    expect([failed.status, next.status]).toEqual([503, 202]);
  });

  test.each([
    ["messages:read", "messages:write", [403, 404]],
    ["messages:write", "messages:read", [202, 403]],
  ] as const)(
    "with the scope %s alone may not do what takes %s",
    async (scope, other, statuses) => {
      const key = await service.senderWithKey("shop", { scopes: [scope] });

      const [write, read, attempts] = [
        await submit(key),
        await service.request("/v1/messages/none", {}, key),
        await service.request("/v1/messages/none/attempts", {}, key),
      ];
      const lists = await Promise.all(
        ["/v1/messages", "/v1/failures?by=target", "/v1/counts?status=FAILED"].map((path) =>
          service.request(path, {}, key),
        ),
      );

      expect([write.status, read.status]).toEqual(statuses);
      expect(attempts.status).toBe(read.status);
      for (const { status } of lists) expect(status).toBe(read.status === 403 ? 403 : 200);
      const refused = write.status === 403 ? write : read;
      expect(refused.headers.get("www-authenticate")).toBeNull();
      expect(refused.json).toEqual({
        type: "urn:postrider:problem:forbidden",
        title: "This API key may not do this",
        status: 403,
        code: "FORBIDDEN",
        detail: `This API key does not have the scope ${other}.`,
      });
    },
  );
});

describe("A message in the name of another sender", () => {
  test.each([
    ["is", {}],
    ["and that is not valid besides is", { targetUrl: 1 }],
  ])("%s refused, whether or not there is such a sender", async (_name, members) => {
    await service.senderWithKey("bakery");
    const messageId = anId();

    const theirs = await service.submit(aRequest({ messageId, senderId: "bakery", ...members }));
    const nobodys = await service.submit(aRequest({ messageId, senderId: "none", ...members }));

    expect([theirs.status, theirs.json.code]).toEqual([403, "FORBIDDEN"]);
    expect(nobodys.text).toBe(theirs.text);
    expect(await service.get(messageId, "bakery")).toBeUndefined();
    expect(await service.get(messageId)).toBeUndefined();
  });
});

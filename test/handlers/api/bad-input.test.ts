/**
 * What is refused at submit: with which code, and with every fault named by its path. Each message is
 * given to the outbox too, which must refuse the same, with the same issues.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { limits } from "../../../domain/limits.ts";
import { expectSameAtOutbox } from "../../support/outbox.ts";
import { aRequest, start, useService } from "../../support/service.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;
const iso = (ms: number): string => new Date(ms).toISOString();

const service = useService();
let ids = 0;
const anId = (): string => `input-${++ids}`;

type Issue = { readonly path: readonly (string | number)[]; readonly message: string };

const post = async (body: RequestInit["body"], headers: Readonly<Record<string, string>> = {}) => {
  const answer = await service.request("/v1/messages", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
    duplex: "half",
  } as RequestInit);
  if (typeof body === "string") await expectSameAtOutbox(service, body, answer);
  return answer;
};
const submit = (message: object) => post(JSON.stringify(message));

/** A valid submit as text, with something put in place of one of its members' JSON. */
const textWith = (member: string, json: string): string =>
  JSON.stringify(aRequest({ messageId: anId(), [member]: "%" })).replace('"%"', json);

/** The issues of a submit that is refused as not valid. */
const issuesOf = ({ status, json }: Awaited<ReturnType<typeof post>>): readonly Issue[] => {
  expect([status, json.code]).toEqual([400, "VALIDATION_ERROR"]);
  return json.issues;
};
const pathsOf = (answer: Awaited<ReturnType<typeof post>>): readonly string[] =>
  issuesOf(answer).map(({ path }) => path.join("."));

/** What a submit with these members is refused for, by path; nothing of it is stored. */
const faultsWith = async (members: Readonly<Record<string, unknown>>) => {
  const messageId = anId();
  const answer = await submit(aRequest({ messageId, ...members }));
  expect(await service.get(messageId)).toBeUndefined();
  return pathsOf(answer);
};
const statusWith = async (members: Readonly<Record<string, unknown>>): Promise<number> =>
  (await submit(aRequest({ messageId: anId(), ...members }))).status;

describe("A problem", () => {
  test("is a document of RFC 9457 with a code, and names every issue", async () => {
    const { status, headers, json } = await submit({ messageId: "a b", senderId: "shop" });

    expect(status).toBe(400);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(json).toEqual({
      type: "urn:postrider:problem:validation-error",
      title: "The request is not valid",
      status: 400,
      code: "VALIDATION_ERROR",
      detail: "The request has 3 faults.",
      issues: [
        {
          path: ["messageId"],
          message:
            "must be 1 to 128 characters of printable ASCII without spaces (and not . or ..)",
        },
        { path: ["timestamp"], message: "is required" },
        { path: ["targetUrl"], message: "is required" },
      ],
    });
  });

  test("is no fault of ours: it is counted and logged as the caller's", async () => {
    const before = service.counts.get("MessagesRefused") ?? 0;

    await post("{");

    expect(service.counts.get("MessagesRefused")).toBe(before + 1);
    expect(service.lines.at(-1)).toMatchObject({ event: "submit", problem: "VALIDATION_ERROR" });
    expect(service.failures).toEqual([]);
  });

  test("names every fault of every member at once", async () => {
    const faults = await faultsWith({
      messageId: "",
      timestamp: "yesterday",
      targetUrl: "ftp://example.com",
      method: "HEAD",
      headers: { host: "a", "x-b": 1 },
      body: "\ud800",
      deliverAt: "soon",
      giveUpAt: iso(start - 1),
      retry: { maxAttempts: 0, schedule: ["1s", "never"], jitter: 1 },
      timeoutMs: 1,
      retentionDays: 0,
      extra: 1,
    });

    expect([...faults].sort()).toEqual(
      [
        ...["messageId", "timestamp", "targetUrl", "method", "headers.host", "headers.x-b"],
        ...["body", "deliverAt", "giveUpAt", "retry.maxAttempts", "retry.schedule.1"],
        ...["retry.jitter", "timeoutMs", "retentionDays", "extra"],
      ].sort(),
    );
  });

  test("names no more than a hundred faults, and says that there are more", async () => {
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`x-${index}`, 1]));

    const { json } = await submit(aRequest({ messageId: anId(), ...many }));

    expect(json.issues).toHaveLength(100);
    expect(json.detail).toBe("The request has more than 100 faults.");
  });
});

describe("A request that is not JSON", () => {
  test.each([
    ["nothing", "", 0],
    ["no quotes around a name", "{a:1}", 1],
    ["a word that JSON does not have", '{"a":undefined}', 5],
    ["a word in a long text", `{"a":"${"x".repeat(500)}","b":nope,"c":"nope"}`, 513],
    ["a bracket in place of a value", '{"a":}', 5],
    ["a word that looks like a place", '{"a":position 99}', 5],
    ["words that look like a parser's", '{"end of JSON input":x}', 21],
    ["words that look like a place at the end", '{"a":b" at position 99', 5],
    ["a comma at the end", '{"a":1,}', 7],
    ["a line break in a string", '{"a":"\n"}', 6],
    ["a leading zero", '{"a":01}', 6],
    ["more behind it", '{"a":1} x', 8],
    ["a text that is cut off in a string", '{"messageId":"ord', 17],
    ["a text that is cut off in a word", '{"a":tr', 7],
    ["a text that is cut off after a name", '{"a"', 4],
  ])("is refused with the place, and is not quoted: %s", async (_name, text, place) => {
    const answer = await post(text);

    expect(issuesOf(answer)).toEqual([
      { path: [], message: `is not JSON (RFC 8259), at character ${place}` },
    ]);
    expect(answer.json.detail).toBe("The request is not valid JSON.");
  });

  test("is refused where it first goes wrong, wherever that is", async () => {
    const json = JSON.stringify(aRequest({ body: { a: [1.5e3, true, null, "\u00e9\\n"] } }));

    await fc.assert(
      fc.asyncProperty(fc.nat(json.length - 1), async (cut) => {
        const answer = await post(`${json.slice(0, cut)}\u0001`);

        expect(issuesOf(answer)).toEqual([
          { path: [], message: `is not JSON (RFC 8259), at character ${cut}` },
        ]);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ["a byte that UTF-8 does not have", [0x22, 0xff, 0x22]],
    ["a character that is cut off", [0x22, 0xe2, 0x82]],
    ["a surrogate", [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ["a text in UTF-16", [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
  ])("is refused for its bytes: %s", async (_name, bytes) => {
    const answer = await post(new Uint8Array(bytes));

    expect(issuesOf(answer)).toEqual([{ path: [], message: "is not UTF-8 (RFC 8259, 8.1)" }]);
  });

  test("does not include one that begins with a byte order mark", async () => {
    const { status } = await post(`\ufeff${JSON.stringify(aRequest({ messageId: anId() }))}`);

    expect(status).toBe(202);
  });

  test.each([
    ["an array", "[]"],
    ["null", "null"],
    ["a string", '"{}"'],
    ["a number", "1"],
    ["a number that cannot be kept", "1e999"],
  ])("or whose JSON is not an object is refused as a whole: %s", async (_name, text) => {
    const answer = await post(text);

    expect(issuesOf(answer)).toEqual([{ path: [], message: "must be an object" }]);
  });

  const nested = [
    ["arrays", "[", "]"],
    ["objects", '{"a":', "}"],
  ] as const;

  test.each(nested)(
    "includes one with more than 500 %s inside one another, and not one with 500",
    async (_of, open, close) => {
      const fitting = `${open.repeat(500)}1${close.repeat(500)}`;

      expect((await post(textWith("body", fitting))).status).toBe(202);
      const [issue, ...more] = issuesOf(await post(textWith("body", `${open}${fitting}${close}`)));
      expect(issue).toEqual({ path: ["body"], message: "is nested more than 500 deep" });
      expect(more).toEqual([]);
    },
  );

  test.each(nested)("is refused, however deep its %s are nested", async (_of, open, close) => {
    for (const depth of [1000, 1500, 2000, 2100, 2200, 2300, 2400, 2500, 3000, 5000, 100_000]) {
      const text = `${open.repeat(depth)}1${close.repeat(depth)}`;

      const [issue] = issuesOf(await post(textWith("body", text)));

      expect(issue?.message).toBe("is nested more than 500 deep");
    }
  });
});

describe("The media type", () => {
  test.each([
    ["is missing", ""],
    ["is another", "text/plain"],
    ["only begins like JSON's", "application/json5"],
    ["is JSON's, in a suffix", "application/problem+json"],
    ["names another charset", "application/json; charset=iso-8859-1"],
    ["names a charset that only begins like UTF-8", "application/json; charset=utf-80"],
  ])("that %s is refused", async (_name, contentType) => {
    const { status, json } = await post(new TextEncoder().encode("{}"), {
      "content-type": contentType,
    });

    expect([status, json.code]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
    expect(json).not.toHaveProperty("issues");
  });

  test.each(["gzip", "br", "identity, gzip"])(
    "with the encoding %s is refused",
    async (encoding) => {
      const { status, json } = await post("{}", { "content-encoding": encoding });

      expect([status, json.code]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
    },
  );

  test("is looked at before the size: a body that is refused for it is not read", async () => {
    let pulled = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        pulled += 1;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    const { status } = await post(endless, { "content-type": "text/plain" });

    expect(status).toBe(415);
    expect(pulled).toBeLessThanOrEqual(1); // which the stream does ahead of its first reader
  });

  test.each([
    ["in other letters", { "content-type": "Application/JSON" }],
    ["with its charset", { "content-type": 'application/json ;charset="UTF-8"' }],
    ["with the encoding that is none", { "content-encoding": "identity" }],
  ])("is fine %s", async (_name, headers) => {
    const { status } = await post(JSON.stringify(aRequest({ messageId: anId() })), headers);

    expect(status).toBe(202);
  });
});

describe("A size", () => {
  const chunks = (bytes: number): ReadableStream<Uint8Array> => {
    let left = bytes;
    return new ReadableStream({
      pull: (controller) => {
        const size = Math.min(left, 65_536);
        if (size === 0) controller.close();
        else controller.enqueue(new Uint8Array(size).fill(0x20));
        left -= size;
      },
    });
  };
  const requestMax = limits.requestBytesMax;

  test.each([
    ["whose length is said", (bytes: number) => ({ "content-length": String(bytes) })],
    ["whose length is not said", () => ({})],
    ["in chunks", () => ({ "transfer-encoding": "chunked" })],
  ])("of a request %s is at most 2 MiB", async (_name, headers) => {
    const fitting = await post(chunks(requestMax), headers(requestMax));
    const larger = await post(chunks(requestMax + 1), headers(requestMax + 1));

    expect([fitting.status, fitting.json.code]).toEqual([400, "VALIDATION_ERROR"]);
    expect(larger.status).toBe(413);
    expect(larger.headers.get("content-type")).toBe("application/problem+json");
    expect(larger.json).toEqual({
      type: "urn:postrider:problem:payload-too-large",
      title: "The request is too large",
      status: 413,
      code: "PAYLOAD_TOO_LARGE",
      detail: "The request is larger than 2097152 bytes.",
    });
  });

  test("of a request that breaks off is never known, which is the sender's fault and not logged as ours", async () => {
    const before = service.failures.length;
    const half = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"messageId":')),
      pull: (controller) => controller.error(new Error("aborted")),
    });

    const { status, json } = await post(half);

    expect([status, json.code]).toEqual([400, "VALIDATION_ERROR"]);
    expect(json.issues).toEqual([{ path: [], message: "ends before its body is complete" }]);
    expect(service.failures).toHaveLength(before);
  });

  const bodyMax = limits.bodyBytesMax;

  test.each([
    ["as a text", (bytes: number) => ({ body: "x".repeat(bytes) })],
    [
      "as a text that takes more bytes than letters",
      (bytes: number) => ({ body: `${"é".repeat(Math.floor(bytes / 2))}${"x".repeat(bytes % 2)}` }),
    ],
    ["as a JSON value", (bytes: number) => ({ body: ["x".repeat(bytes - 4)] })],
    [
      "as base64",
      (bytes: number) => ({
        body: undefined,
        bodyBase64: Buffer.alloc(bytes, 0xff).toString("base64"),
      }),
    ],
  ])("of a body, %s, is at most 256 KiB as it is sent", async (_name, body) => {
    const messageId = anId();

    const fitting = await statusWith(body(bodyMax));
    const larger = await submit(aRequest({ messageId, ...body(bodyMax + 1) }));

    expect(fitting).toBe(202);
    expect([larger.status, larger.json.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    expect(larger.json.detail).toBe(
      "The body has 262145 bytes as it would be sent; at most 262144 are allowed.",
    );
    expect(await service.get(messageId)).toBeUndefined();
  });

  test("of a body is that of its bytes, though JSON takes six times as many", async () => {
    const text = "\\u0001".repeat(bodyMax);

    const { status } = await post(textWith("body", `"${text}"`));

    expect(status).toBe(202);
  });
});

describe("A member", () => {
  test.each(["messageId", "senderId", "timestamp", "targetUrl"])(
    "is required: %s",
    async (name) => {
      const answer = await submit({
        ...aRequest({ messageId: anId() }),
        [name]: undefined,
      });

      expect(issuesOf(answer)).toEqual([{ path: [name], message: "is required" }]);
    },
  );

  test.each(["extra", "messageid", "Body", "__proto__", "constructor", "", "url "])(
    "that is not known is refused by its name: %j",
    async (name) => {
      const text = JSON.stringify(aRequest({ messageId: anId() }));

      const answer = await post(text.replace("{", `{${JSON.stringify(name)}:{},`));

      expect(issuesOf(answer)).toEqual([{ path: [name], message: "is not a known member" }]);
    },
  );

  test("that is not known is refused by its own name, each of several", async () => {
    expect(await faultsWith({ a: 1, b: { c: 1 }, retry: { d: 1, e: 1 } })).toEqual([
      ...["retry.d", "retry.e", "a", "b"],
    ]);
  });

  test.each([
    ...["messageId", "senderId", "timestamp", "targetUrl", "method", "headers", "bodyBase64"],
    ...["deliverAt", "giveUpAt", "retry", "timeoutMs", "retentionDays"],
  ])("of another type is refused: %s", async (name) => {
    for (const json of ["null", "true", "[]", "1e999"]) {
      const answer = await post(textWith(name, json).replace(/,"body":[^,]*\}$/, "}"));

      expect(pathsOf(answer)).toContain(name);
    }
  });
});

describe("An id", () => {
  const bad = [
    ...["", "a b", ".", "..", "ä", "a\n", "a\u0000", "a\t", "a\u007f", "a\u009b", "order-1️⃣"],
    ...["x".repeat(129), "~".repeat(129)],
  ];
  const ofOthers = [
    ...[
      "a#b",
      "a/b",
      "%41",
      "a?",
      "%2F",
      "a%2Fb",
      "/",
      "?",
      "#",
      "%",
      "~",
      "~YQ",
      "\\",
      '"',
      "<b>",
    ],
    ...["shop/attempts", "/attempts", "a//b", "../..", "/..", "./", "a+b@c.example"],
    ...["arn:aws:s3:::bucket/key", "c2hvcC8rPQ==", "a,b|c", "__proto__/x", "~".repeat(128)],
  ];

  test.each(bad)("may not be %j", async (id) => {
    expect(await faultsWith({ messageId: id })).toEqual(["messageId"]);
    expect(await faultsWith({ senderId: id })).toEqual(["senderId"]);
  });

  test.each(ofOthers)("of a message may be %j, of a sender not", async (messageId) => {
    expect(await faultsWith({ senderId: messageId })).toEqual(["senderId"]);
    const { status, headers, json } = await submit(aRequest({ messageId }));
    const location = headers.get("location") ?? "";

    const shown = await service.request(location);
    const attempts = await service.request(`${location}/attempts`);

    expect([status, json.messageId]).toEqual([202, messageId]);
    expect([shown.status, shown.json.messageId]).toEqual([200, messageId]);
    expect([attempts.status, attempts.json]).toEqual([200, { attempts: [] }]);
  });

  test.each(["...", ".a", "a:b", "_", "-", "x".repeat(128), "0"])("may be %j", async (id) => {
    expect(await statusWith({ messageId: id })).toBe(202);
    expect((await service.request(`/v1/messages/${id}`)).json.messageId).toBe(id);
  });
});

describe("A time", () => {
  const bad = [
    ...["", "now", "2026-03-01", "2026-03-01T12:00:00", "2026-03-01 12:00:00Z"],
    ...["2026-02-30T12:00:00Z", "2026-13-01T12:00:00Z", "2026-03-01T24:00:00Z", "1772366400000"],
    ...["2026-03-01T12:00:00.Z", "2026-03-01T12:00:00+0200", "Sun, 01 Mar 2026 12:00:00 GMT"],
  ];

  test.each(bad)("may not be %j", async (text) => {
    expect(await faultsWith({ timestamp: text })).toEqual(["timestamp"]);
    expect(await faultsWith({ deliverAt: text })).toContain("deliverAt");
    expect(await faultsWith({ giveUpAt: text })).toContain("giveUpAt");
  });

  test.each([
    ...["2026-03-02t12:00:00z", "2026-03-02T12:00Z", "2026-03-02T12:00:00-00:00"],
    ...["2026-02-28T23:59:60Z", "2026-03-02T12:00:00.123456789+14:00"],
  ])("may be %s, and is kept as it is given", async (text) => {
    const messageId = `time-${text.replaceAll("+", "")}`;

    expect(await statusWith({ messageId, timestamp: text, deliverAt: text })).toBe(202);
    const { json } = await service.request(`/v1/messages/${messageId}`);
    expect(json.timestamp).toBe(text);
  });

  test.each(["timestamp", "deliverAt", "giveUpAt"])(
    "%s has at most 64 characters",
    async (name) => {
      expect(await faultsWith({ [name]: `2026-03-01T12:00:00.${"0".repeat(500_000)}Z` })).toEqual([
        name,
      ]);
    },
  );

  test("has at most 64 characters", async () => {
    const fraction = (digits: number): string => `2026-03-01T12:00:00.${"0".repeat(digits)}Z`;

    expect(await statusWith({ timestamp: fraction(43) })).toBe(202);
    expect(await faultsWith({ timestamp: fraction(44) })).toEqual(["timestamp"]);
    expect(await faultsWith({ timestamp: fraction(500_000) })).toEqual(["timestamp"]);
  });

  test("of the first attempt is at most 30 days ahead", async () => {
    expect(await statusWith({ deliverAt: iso(start + 30 * dayMs) })).toBe(202);
    expect(await faultsWith({ deliverAt: iso(start + 30 * dayMs + 1) })).toEqual(["deliverAt"]);
    expect(await faultsWith({ deliverAt: "9999-12-31T23:59:59Z" })).toEqual(["deliverAt"]);
  });

  test.each([
    ["now", undefined, start],
    ["now, if it was to be earlier", iso(start - dayMs), start],
    ["when it is to be", iso(start + 20 * minuteMs), start + 20 * minuteMs],
  ])(
    "of the last attempt lies within 14 days after the first: %s",
    async (_name, deliverAt, firstAt) => {
      const giveUpAt = (ms: number) => ({ deliverAt, giveUpAt: iso(firstAt + ms) });

      expect(await faultsWith(giveUpAt(0))).toEqual(["giveUpAt"]);
      expect(await statusWith(giveUpAt(1))).toBe(202);
      expect(await statusWith(giveUpAt(14 * dayMs))).toBe(202);
      expect(await faultsWith(giveUpAt(14 * dayMs + 1))).toEqual(["giveUpAt"]);
    },
  );
});

describe("A target", () => {
  test.each([
    ...["", "example.com", "ftp://example.com/", "https://", "https://user:pw@example.com/"],
    ...["http://example.com/", "https://10.0.0.1/", "https://169.254.169.254/latest/meta-data"],
    ...["https://[::1]/", "https://metadata.google.internal/", "https://example.com:22/"],
    ...["https://2130706433/", "https://a b.com/", `https://example.com/${"a".repeat(2048)}`],
  ])("may not be %j", async (targetUrl) => {
    expect(new Set(await faultsWith({ targetUrl }))).toEqual(new Set(["targetUrl"]));
  });
});

type Case = { name: string; value: unknown; reason: string; expected: "allow" | "reject" };
const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL("../../cases/headers.json", import.meta.url), "utf8"),
);

describe("A header", () => {
  test.each(cases)(
    "of the corpus is judged as it says: $expected $name, $reason",
    async ({ name, value, expected }) => {
      const messageId = anId();
      const json = `{${JSON.stringify(name)}:${JSON.stringify(value)}}`;
      const text = JSON.stringify(aRequest({ messageId, headers: "%" })).replace('"%"', json);

      const answer = await post(text);

      if (expected === "allow") {
        expect(answer.status).toBe(202);
        expect(await service.headersOf(messageId)).toEqual({ [name]: value });
      } else {
        const named = name.length > 64 ? `${name.slice(0, 63)}…` : name;
        expect(issuesOf(answer).map(({ path }) => path)).toEqual([["headers", named]]);
        expect(await service.get(messageId)).toBeUndefined();
      }
    },
  );

  test("that is wrong is named with its path, each of several", async () => {
    const headers = { Host: "a", "x-ok": "1", "x y": "1", "x-ctl": "a\u0001", "X-OK": "2" };

    expect(await faultsWith({ headers })).toEqual([
      ...["headers.Host", "headers.x y", "headers.x-ctl", "headers.X-OK"],
    ]);
  });

  test.each([
    ["an array", []],
    ["a text", "a: b"],
    ["null", null],
  ])("has to be a member of an object, not of %s", async (_name, headers) => {
    expect(await faultsWith({ headers })).toEqual(["headers"]);
  });
});

describe("A body", () => {
  test("may be given in one of its two forms, not in both", async () => {
    expect(await faultsWith({ body: 1, bodyBase64: "AA==" })).toEqual(["bodyBase64"]);
    expect(await faultsWith({ body: null, bodyBase64: "" })).toEqual(["bodyBase64"]);
  });

  test.each([
    ["body", { body: null }],
    ["bodyBase64", { body: undefined, bodyBase64: "" }],
  ])("is refused with GET: %s", async (_name, members) => {
    expect(await faultsWith({ method: "GET", ...members })).toEqual(["method"]);
    expect(await statusWith({ method: "GET", body: undefined })).toBe(202);
  });

  test.each([
    "A",
    "AA=",
    "AA",
    "A A=",
    "AAA\n",
    "-_-_",
    "AB==",
    "=AAA",
    "%%%%",
    `${"QUJD".repeat(400_000)}=`,
  ])("in base64 may not be %.10j", async (bodyBase64) => {
    expect(await faultsWith({ body: undefined, bodyBase64 })).toEqual(["bodyBase64"]);
  });

  test.each([
    ["body", '"a"', '"b"'],
    ["body", "1", "1"],
    ["messageId", '"m-1"', '"m-2"'],
    ["targetUrl", '"https://example.com"', '"https://example.org"'],
    ["retry", "{}", "{}"],
    ["extra", "1", "1"],
    ["__proto__", "1", "1"],
  ])("of a request is refused if a member comes twice: %s", async (name, one, other) => {
    const request: Record<string, unknown> = aRequest({ messageId: anId(), body: undefined });
    delete request[name];
    const text = JSON.stringify(request).slice(0, -1);

    const escaped = `\\u${name.charCodeAt(0).toString(16).padStart(4, "0")}${name.slice(1)}`;
    const answer = await post(`${text},"${name}":${one},"${escaped}" : ${other}}`);

    const message = "is given more than once";
    expect(issuesOf(answer)).toContainEqual({ path: [name], message });
  });

  test("of a request is refused with each member that comes twice, in headers and retry too", async () => {
    const text = JSON.stringify(
      aRequest({ messageId: anId(), body: 1, headers: "%h", retry: "%r", timeoutMs: 100 }),
    )
      .replace('"%h"', '{"x-a":"1","x-b":"1","x-a":"1"}')
      .replace('"%r"', '{"maxAttempts":1,"maxAttempts":2}');

    const answer = await post(`${text.slice(0, -1)},"body":2,"timeoutMs":200}`);

    expect(pathsOf(answer)).toEqual(["headers.x-a", "retry.maxAttempts", "body", "timeoutMs"]);
  });

  test("may have a name twice within it: that is its receiver's matter", async () => {
    expect((await post(textWith("body", '{"a":1,"a":2}'))).status).toBe(202);
  });

  test.each(['"\\ud800"', '"a\\udc00"'])(
    "that is a string has no half of a surrogate pair: %s",
    async (json) => {
      expect(pathsOf(await post(textWith("body", json)))).toEqual(["body"]);
    },
  );

  test.each([
    ...['"\\ud83d\\ude00"', "9007199254740992", "1.50", "1E3", "-0", "[]", "0.1"],
    ...["12345678901234567890", "0.12345678901234567890", "1e999", "-1e-999"],
    ...['{"a":[1,{"b c":9007199254740993}]}', '{"a":["\\udc00x"]}', '{"\\ud83d":1}'],
  ])("may be %s", async (json) => {
    expect((await post(textWith("body", json))).status).toBe(202);
  });
});

describe("A policy", () => {
  test.each([
    ["timeoutMs", 99, 100],
    ["timeoutMs", 30_001, 30_000],
    ["retentionDays", 0, 1],
    ["retentionDays", 366, 365],
    ["retentionDays", 1.5, 2],
    ["timeoutMs", "1000", 1000],
  ])("may not have a %s of %j, but may of %j", async (name, bad, good) => {
    expect(await faultsWith({ [name]: bad })).toEqual([name]);
    expect(await statusWith({ [name]: good })).toBe(202);
  });

  test.each([
    ["maxAttempts", 0, 1],
    ["maxAttempts", 51, 50],
    ["maxAttempts", 2.5, 3],
    ["schedule", [], ["1s"]],
    ["schedule", Array(50).fill("1s"), Array(49).fill("1s")],
  ])("may not have a retry.%s of %.12j, but may of %.12j", async (name, bad, good) => {
    expect(await faultsWith({ retry: { [name]: bad } })).toEqual([`retry.${name}`]);
    expect(await statusWith({ retry: { [name]: good } })).toBe(202);
  });

  test.each(["", "5", "5 s", "-1s", "1.5h", "2w", "25h", "86400001ms", 5])(
    "may not wait for %j",
    async (wait) => {
      expect(await faultsWith({ retry: { schedule: ["1s", wait] } })).toEqual(["retry.schedule.1"]);
    },
  );

  test.each(["0ms", "250ms", "5s", "2m", "6h", "24h", "1d"])("may wait for %s", async (wait) => {
    expect(await statusWith({ retry: { schedule: [wait] } })).toBe(202);
  });
});

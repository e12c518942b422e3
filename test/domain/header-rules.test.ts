import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Client } from "undici";
import { headerFaults, isSecretHeader, maskHeaders } from "../../domain/header-rules.ts";
import { limits } from "../../domain/limits.ts";
import { reservedHeaders } from "../../domain/reserved-headers.ts";

type Case = { name: string; value: unknown; reason: string; expected: "allow" | "reject" };

const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL("../cases/headers.json", import.meta.url), "utf8"),
);

/** An own member whatever its name, as `JSON.parse` makes it. */
const one = (name: string, value: unknown = "1"): Record<string, unknown> =>
  Object.fromEntries([[name, value]]);

const isFine = (name: string, value?: unknown): boolean =>
  headerFaults(one(name, value)).length === 0;

/** What undici says of a request with these headers; it validates before it asks for a socket. */
const undiciRefusal = async (headers: Record<string, string>): Promise<string> => {
  const client = new Client("http://127.0.0.1:1", {
    connect: (_options, callback) => callback(new Error("validated"), null),
  });
  const refusal = await client
    .request({ path: "/", method: "POST", headers, body: "{}" })
    .then(() => "sent", String);
  await client.destroy();
  return refusal;
};

describe("the corpus", () => {
  test.each(cases)("$expected: $name, $reason", ({ name, value, expected }) => {
    const faults = headerFaults(one(name, value));

    expect(faults.map((fault) => fault.name)).toEqual(expected === "allow" ? [] : [name]);
  });
});

describe("undici", () => {
  const accepted = cases.filter(({ expected }) => expected === "allow");

  test.each(accepted)("does not throw on $name: $value", async ({ name, value }) => {
    expect(await undiciRefusal({ [name]: String(value) })).toBe("Error: validated");
  });

  test("does not throw on anything that has no fault", async () => {
    const names = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/),
      fc.constantFrom(...cases.map(({ name }) => name)),
      fc.constantFrom("Host", "Expect", "Keep-Alive", "Upgrade", "constructor", "toString"),
    );
    const values = fc.oneof(
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.stringMatching(/^[\t\x20-\xff]{0,12}$/),
    );

    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, values, { maxKeys: 4 }), async (headers) => {
        if (headerFaults(headers).length === 0)
          expect(await undiciRefusal(headers)).toBe("Error: validated");
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["connection", "a b"],
    ["x-a", "日本"],
    ["x-a", "a\nb"],
    ["x a", "1"],
    ["", "1"],
  ])("throws on %j: %j, and so it is refused", async (name, value) => {
    expect(await undiciRefusal({ [name]: value })).not.toBe("Error: validated");
    expect(isFine(name, value)).toBe(false);
  });
});

describe("a name", () => {
  test.each([
    ...["Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Expect"],
    ...["Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "HTTP2-Settings", "Proxy"],
    ...["Host", "Content-Length", "webhook-signature", "Webhook-Anything", "Postrider-Attempt"],
    ...["User-Agent", "Accept-Encoding", "Forwarded", "Via", "CDN-Loop", "X-Envoy-Internal"],
    ...["X-Forwarded", "X-Forwarded-Proto", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP"],
    ...["Client-IP", "X-Client-IP", "X-Cluster-Client-IP", "Fastly-Client-IP", "X-Original-URL"],
    ...["X-Original-Forwarded-For", "X-Original-Host", "X-Original-URI", "X-Original-Method"],
    ...["X-Rewrite-URL", "X-Host", "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override"],
    ...["Metadata", "Metadata-Flavor", "X-Google-Metadata-Request", "Lambda-Extension-Name"],
    ...["X-aws-ec2-metadata-token-ttl-seconds", "X-Aliyun-ECS-Metadata-Token"],
    ...["X-Amz-Security-Token", "X-Amz-S3Session-Token", "__proto__"],
  ])("that is not the sender's to set is refused in any case: %s", (name) => {
    expect([isFine(name), isFine(name.toLowerCase()), isFine(name.toUpperCase())]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test("is refused for one reason: no reserved name is another's, or in its range", () => {
    const all = reservedHeaders.map(({ name }) => name);
    const twice = all.filter((name, index) =>
      all.some(
        (other, at) =>
          at !== index &&
          name.startsWith(other.replace(/\*$/, "")) &&
          (other.endsWith("*") || name === other),
      ),
    );

    expect(twice).toEqual([]);
  });

  test.each(reservedHeaders)("$name is refused, since such a header $why", ({ name, why }) => {
    const own = name.replace("*", "anything");

    expect(headerFaults(one(own))).toEqual([{ name: own, message: why }]);
  });

  test.each(["webhook_signature", "X_Forwarded_For", "User_Agent", "CONTENT_LENGTH"])(
    "a name that CGI maps to a reserved one is refused: %s",
    (name) => {
      expect(isFine(name)).toBe(false);
    },
  );

  test.each([
    ...["Accept", "Content-Type", "Content-Encoding", "Date", "If-Match", "Link", "Prefer"],
    ...["traceparent", "tracestate", "baggage", "X-Request-ID", "X-Amzn-Trace-Id", "Ce-Id"],
    ...["X-Hub-Signature-256", "X-API-Key", "X-Webhook-Event", "Hostname", "Viaduct", "x_y"],
    ...[
      "Authorization",
      "Cookie",
      "From",
      "Referer",
      "Origin",
      "Range",
      "X-Amz-Date",
      "X-Amz-Meta-A",
    ],
    ...["Proxy-Status", "X-Original-To", "Lambda-Runtime-Trace-Id", "Metadata-Version", "Hosts"],
    ...["constructor", "toString", "hasOwnProperty", "!#$%&'*+.^_`|~0aZ-"],
  ])("of the sender's own is accepted: %s", (name) => {
    expect(headerFaults(one(name))).toEqual([]);
  });

  test.each(["", "x a", "x:a", ":method", "x\n", "ü", "x/y", "(x)", "x\u0000"])(
    "a name that is not a token is refused: %j",
    (name) => {
      expect(headerFaults(one(name))).toEqual([{ name, message: "is not a valid header name" }]);
    },
  );

  test("a name of 256 characters is accepted, one of 257 is refused", () => {
    expect(isFine("x".repeat(256))).toBe(true);
    expect(headerFaults(one("x".repeat(257)))).toEqual([
      { name: "x".repeat(257), message: "is longer than 256 characters" },
    ]);
  });

  test("given twice in different case is a fault of the second", () => {
    expect(headerFaults({ "X-A": "1", "x-b": "2", "x-a": "1" })).toEqual([
      { name: "x-a", message: "is the same header as X-A" },
    ]);
  });
});

describe("a value", () => {
  test.each(["", " ", "a\tb", "café", "\u00a0", "ÿ", "~"])("may be %j", (value) => {
    expect(isFine("x-a", value)).toBe(true);
  });

  test.each(["\u0000", "\n", "\r", "a\r\nb: c", "\u001f", "\u007f", "\u0085", "\u009f", "Ā", "😀"])(
    "may not be %j",
    (value) => {
      expect(headerFaults(one("x-a", value))).toEqual([
        { name: "x-a", message: "has a value that is not printable Latin-1 text" },
      ]);
    },
  );

  test.each([[null], [undefined], [1], [true], [["a"]], [{ a: "b" }]])(
    "a value that is not a string is refused: %j",
    (value) => {
      expect(headerFaults({ "x-a": value })).toEqual([
        { name: "x-a", message: "must have a string as its value" },
      ]);
    },
  );
});

describe("all headers together", () => {
  const many = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, "1"]));

  test("may be 50; the 51st is at fault, and the rest is not judged", () => {
    expect(headerFaults(many(50))).toEqual([]);
    expect(headerFaults({ ...many(51), host: "a", "x y": 1 })).toEqual([
      { name: "x-50", message: "is one more than the 50 headers that a message may have" },
    ]);
  });

  test("may have 8,192 bytes of names and values; the header that passes them is at fault", () => {
    const room = limits.headersBytesMax - "x-ax-b".length;

    expect(headerFaults({ "x-a": "a".repeat(room), "x-b": "" })).toEqual([]);
    expect(headerFaults({ "x-a": "a".repeat(room), "x-b": "b", "x-c": "" })).toEqual([
      { name: "x-b", message: "takes the headers past 8192 bytes in total" },
    ]);
  });

  test("have every fault named, also two of one header", () => {
    const headers = { Host: "a", host: "日", "x-ok": "1", "x-null": null };

    expect(headerFaults(headers)).toEqual([
      { name: "Host", message: "is set from targetUrl, and would name another server" },
      { name: "host", message: "is set from targetUrl, and would name another server" },
      { name: "host", message: "is the same header as Host" },
      { name: "host", message: "has a value that is not printable Latin-1 text" },
      { name: "x-null", message: "must have a string as its value" },
    ]);
  });
});

describe("a secret header", () => {
  test.each([
    ...["Authorization", "authorization", "X-Authorization", "Cookie", "Cookie2", "X-API-Key"],
    ...["api-key", "ApiKey", "api_key", "X-Functions-Key", "Ocp-Apim-Subscription-Key", "key"],
    ...["X-Auth", "X-Auth-Token", "X-Auth-User", "X-Shop-Access-Token", "token", "X-Gitlab-Token"],
    ...["X-Client-Secret", "X-Hub-Signature-256", "Stripe-Signature", "X-Password", "x-passwd"],
    ...[
      "X-Credential",
      "X-Session-Id",
      "X-JWT-Assertion",
      "X-Access-Key-Id",
      "X-Sig",
      "X-Pwd",
      "X-CSRF-Token",
      "x_auth_token",
    ],
  ])("is %s", (name) => {
    expect(isSecretHeader(name)).toBe(true);
  });

  test.each([
    ...["Content-Type", "Accept", "traceparent", "X-Request-ID", "X-Author", "X-Author-Id"],
    ...["X-Authors", "X-Monkey", "X-Keyboard", "Keywords", "Date", "If-Match", "Idempotency-Key"],
  ])("is not %s", (name) => {
    expect(isSecretHeader(name)).toBe(false);
  });

  test("is shown with its name and without its value", () => {
    const headers = { Authorization: "Bearer abc", "x-plain": "1", "x-empty-token": "" };

    expect(maskHeaders(headers)).toEqual({
      Authorization: "***",
      "x-plain": "1",
      "x-empty-token": "***",
    });
    expect(headers.Authorization).toBe("Bearer abc");
  });
});

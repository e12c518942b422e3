import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import {
  formatSecret,
  isSignedBy,
  parseSecret,
  signatureHeader,
  webhookId,
} from "../../domain/signature.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The secret, id and time of the vector that Standard Webhooks publishes. */
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const timestampSeconds = 1_614_265_330;

const newSecret = formatSecret(new Uint8Array(32).fill(7));
const strangeSecret = formatSecret(new Uint8Array(32).fill(9));

describe("signatureHeader", () => {
  test.each([
    [
      "the published vector",
      utf8('{"test": 2432232314}'),
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ],
    ["an empty body", utf8(""), "v1,v48jdbgvh29KJz2Qc+ghw8G6vG3nAKnujWBg8oM/62A="],
    [
      "bytes that are not text",
      Uint8Array.of(0xff, 0xfe, 0x00),
      "v1,3jg4eW7u8bRdDDGq2uq+cH74GMn0QRxtzvZDV5Akycg=",
    ],
    [
      "text beyond ASCII",
      utf8('{"name":"Zoë 日本"}'),
      "v1,BmV/azYv1KiNBekmobo4arB1bedfWNtGVSNEpbjloTY=",
    ],
  ])("signs %s as Standard Webhooks does", (_name, body, signature) => {
    expect(signatureHeader({ id, timestampSeconds, body, secrets: [secret] })).toBe(signature);
  });

  test("agrees with the reference implementation on any text and any secret", () => {
    const keys = fc.uint8Array({ minLength: 24, maxLength: 64 });

    fc.assert(
      fc.property(fc.string({ unit: "binary" }), keys, (text, key) => {
        const secrets = [formatSecret(key)];
        const header = signatureHeader({ id, timestampSeconds, body: utf8(text), secrets });

        const reference = new Webhook(formatSecret(key));
        expect(header).toBe(reference.sign(id, new Date(timestampSeconds * 1000), text));
      }),
    );
  });

  test("gives one signature a secret, in the order of the secrets", () => {
    const body = utf8("{}");
    const both = signatureHeader({ id, timestampSeconds, body, secrets: [newSecret, secret] });

    const alone = (one: string) => signatureHeader({ id, timestampSeconds, body, secrets: [one] });
    expect(both).toBe(`${alone(newSecret)} ${alone(secret)}`);
  });

  test("throws on a secret that is none, without showing it", () => {
    const secrets = ["whsec_c2hvcnQ="];

    const sign = () => signatureHeader({ id, timestampSeconds, body: utf8("{}"), secrets });

    expect(sign).toThrow(/^A signing secret is not a whsec_ secret of 24 to 64 bytes$/);
  });
});

describe("a receiver", () => {
  // Its verifier reads the clock itself, so only here is the time not fixed.
  const nowSeconds = Math.floor(Date.now() / 1000);
  const payload = '{"order":7}';
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": String(nowSeconds),
    "webhook-signature": signatureHeader({
      id,
      timestampSeconds: nowSeconds,
      body: utf8(payload),
      secrets: [newSecret, secret],
    }),
  };

  test.each([
    ["new", newSecret],
    ["old", secret],
  ])("that holds the %s secret verifies while a rotation lasts", (_which, held) => {
    expect(new Webhook(held).verify(payload, headers)).toEqual({ order: 7 });
  });

  test("a receiver with another secret does not verify the signature", () => {
    const verify = () => new Webhook(strangeSecret).verify(payload, headers);

    expect(verify).toThrow("No matching signature found");
  });

  test.each([
    ["body", '{"order":8}', headers],
    ["id", payload, { ...headers, "webhook-id": `${id}x` }],
    ["time", payload, { ...headers, "webhook-timestamp": String(nowSeconds + 1) }],
  ])("notices another %s", (_what, seen, seenHeaders) => {
    const verify = () => new Webhook(secret).verify(seen, seenHeaders);

    expect(verify).toThrow("No matching signature found");
  });
});

describe("webhookId", () => {
  const ids = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,128}$/);

  test("is a hash of the idempotency key and nothing else, so it never changes", () => {
    expect(webhookId("shop", "order-7")).toBe("msg_Qu29Iwch_lZnUzypxaMEdHePa-vQk9jEtBCE68TFzNw");
  });

  test("has no dot, which parts the signed content, even if the ids have", () => {
    fc.assert(
      fc.property(ids, ids, (senderId, messageId) => {
        expect(webhookId(senderId, messageId)).toMatch(/^msg_[A-Za-z0-9_-]{43}$/);
      }),
    );
  });

  test("differs wherever the pair differs, not only the text of it", () => {
    expect(webhookId("a", "bc")).not.toBe(webhookId("ab", "c"));

    fc.assert(
      fc.property(ids, fc.nat(), fc.nat(), (text, one, other) => {
        const cut = (at: number) => [text.slice(0, at), text.slice(at)] as const;
        const [first, second] = [cut(one % text.length), cut(other % text.length)];
        expect(webhookId(...first) === webhookId(...second)).toBe(first[0] === second[0]);
      }),
    );
  });
});

describe("parseSecret", () => {
  test("takes back what formatSecret gave, for every permitted length", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 64 }), (bytes) => {
        expect([...(parseSecret(formatSecret(bytes)) ?? [])]).toEqual([...bytes]);
      }),
    );
  });

  test.each([23, 65])("refuses a key of %i bytes", (length) => {
    expect(parseSecret(formatSecret(new Uint8Array(length)))).toBeUndefined();
  });

  test.each([
    ["no prefix", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    ["the prefix of an asymmetric key", "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    ["the prefix in capitals", "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    ["a character outside base64", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!MfKQ"],
    ["the URL alphabet", "whsec_-_KQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    ["a line end", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"],
    ["no padding", formatSecret(new Uint8Array(32)).replace(/=+$/, "")],
    ["bits after the last byte", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB="],
    ["nothing after the prefix", "whsec_"],
  ])("refuses %s", (_name, text) => {
    expect(parseSecret(text)).toBeUndefined();
  });
});

describe("isSignedBy", () => {
  const content = { id, timestampSeconds, body: utf8("{}") };
  const right = signatureHeader({ ...content, secrets: [secret] });
  const other = signatureHeader({ ...content, secrets: [strangeSecret] });

  test("takes one right signature of several, with any of the secrets", () => {
    const secrets = [newSecret, secret];

    expect(isSignedBy(right, { ...content, secrets })).toBe(true);
    expect(isSignedBy(`${other} ${right}`, { ...content, secrets })).toBe(true);
  });

  test.each([
    ["a signature with another secret", other, content],
    ["other content", right, { ...content, body: utf8("[]") }],
    ["another time", right, { ...content, timestampSeconds: timestampSeconds + 1 }],
    ["another id", right, { ...content, id: "msg_other" }],
    ["a part of the signature", right.slice(0, -1), content],
    ["another version", right.replace("v1,", "v2,"), content],
    ["nothing", "", content],
  ])("refuses %s", (_, header, given) => {
    expect(isSignedBy(header, { ...given, secrets: [secret] })).toBe(false);
  });

  test("refuses everything where there is no secret, an empty signature too", () => {
    expect(isSignedBy("", { ...content, secrets: [] })).toBe(false);
  });
});

/** What a receiver takes for a request of Postrider's, and the reason where it does not. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { verify } from "../../client/verify.ts";
import { formatSecret, signatureHeader } from "../../domain/signature.ts";

/** The vector that Standard Webhooks publishes. */
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const body = '{"test": 2432232314}';
const now = 1_614_265_330_000;
const headers = {
  "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
  "webhook-timestamp": "1614265330",
  "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};
const other = formatSecret(new Uint8Array(32).fill(9));
const genuine = { kind: "genuine", id: headers["webhook-id"], timestamp: new Date(now) };

describe("A request is genuine", () => {
  test.each<[string, Parameters<typeof verify>[1]]>([
    ["a record", headers],
    ["those of fetch", new Headers(headers)],
    [
      "a record in other letters",
      { ...headers, "webhook-id": undefined, "Webhook-Id": headers["webhook-id"] },
    ],
    ["a record of lists", { ...headers, "webhook-signature": [headers["webhook-signature"]] }],
  ])("by the published vector, its headers given as %s", async (_name, given) => {
    expect(await verify(body, given, secret, { now })).toEqual(genuine);
  });

  test("if its body is bytes", async () => {
    const bytes = new TextEncoder().encode(body);

    expect(await verify(bytes, headers, secret, { now })).toEqual(genuine);
  });

  test("if any of its signatures is by any of the secrets, as in a rotation", async () => {
    const signature = `v1,AAAA v1a,BBBB ${headers["webhook-signature"]}`;
    const given = { ...headers, "webhook-signature": signature };

    expect(await verify(body, given, [other, secret], { now })).toEqual(genuine);
  });

  test.each([-300, 300])("if the clocks differ by %d seconds", async (seconds) => {
    const { kind } = await verify(body, headers, secret, { now: now + seconds * 1000 });

    expect(kind).toBe("genuine");
  });

  test("whatever is signed, by the reference implementation and by Postrider", async () => {
    const secrets = fc.uint8Array({ minLength: 24, maxLength: 64 }).map(formatSecret);
    const property = fc.asyncProperty(fc.string({ unit: "binary" }), secrets, async (text, key) => {
      const { "webhook-id": id, "webhook-timestamp": timestamp } = headers;
      const bytes = new TextEncoder().encode(text);
      const reference = new Webhook(key).sign(id, new Date(now), text);
      const ours = signatureHeader({
        ...{ id, timestampSeconds: Number(timestamp), body: bytes, secrets: [key] },
      });

      for (const signature of [reference, ours]) {
        const given = { ...headers, "webhook-signature": signature };
        expect(await verify(bytes, given, key, { now })).toEqual(genuine);
      }
    });

    await fc.assert(property);
  });
});

describe("A request is refused, with the reason", () => {
  test.each<[string, Record<string, string | undefined>, string]>([
    ["no id", { "webhook-id": undefined }, "no-webhook-id"],
    ["no timestamp", { "webhook-timestamp": undefined }, "no-webhook-timestamp"],
    ["no signature", { "webhook-signature": "" }, "no-webhook-signature"],
    ["a timestamp that is a date", { "webhook-timestamp": "2021-02-25" }, "malformed-timestamp"],
    ["only signatures of another kind", { "webhook-signature": "v1a,AAAA" }, "unknown-version"],
    ["a signature that is no base64", { "webhook-signature": "v1,%" }, "wrong-signature"],
    ["another id", { "webhook-id": "msg_other" }, "wrong-signature"],
    ["another time", { "webhook-timestamp": "1614265331" }, "wrong-signature"],
    [
      "its signature behind nine others, and more than a sender has",
      { "webhook-signature": `${"v1,AAAA ".repeat(10)}${headers["webhook-signature"]}` },
      "wrong-signature",
    ],
  ])("%s", async (_name, changed, because) => {
    const given = { ...headers, ...changed };

    expect(await verify(body, given, secret, { now })).toEqual({ kind: "refused", because });
  });

  test("a body that was parsed and written again", async () => {
    const written = JSON.stringify(JSON.parse(body));

    expect(await verify(written, headers, secret, { now })).toMatchObject({
      because: "wrong-signature",
    });
  });

  test("another secret", async () => {
    expect(await verify(body, headers, other, { now })).toMatchObject({
      because: "wrong-signature",
    });
  });

  test.each([
    [301, "too-old"],
    [-301, "too-new"],
  ])("%d seconds of age", async (seconds, because) => {
    const late = { now: now + seconds * 1000 };

    expect(await verify(body, headers, secret, late)).toEqual({ kind: "refused", because });
    expect(await verify(body, headers, secret, { ...late, toleranceSeconds: 301 })).toEqual(
      genuine,
    );
  });
});

test.each([
  "",
  "whsec_",
  "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  "whsec_c2hvcnQ=",
  `${secret}=`,
  `whsec_${"A".repeat(88)}`,
])("A secret that is none is an error of the program: %s", async (none) => {
  const message = "The signing secret is not a whsec_ secret of 24 to 64 bytes.";

  await expect(verify(body, headers, none, { now })).rejects.toThrow(new TypeError(message));
  await expect(verify(body, headers, [secret, none], { now })).rejects.toThrow(message);
});

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  type ApiKey,
  formatApiKey,
  hashApiKey,
  isApiKey,
  isUsable,
  keyEntropyBytes,
  keyIdOf,
} from "../../domain/api-key.ts";
import { t0 } from "../support/messages.ts";

const entropies = fc.uint8Array({ minLength: keyEntropyBytes, maxLength: keyEntropyBytes });
const sample = formatApiKey(new Uint8Array(keyEntropyBytes).fill(7));
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-. é";

describe("the text of a key", () => {
  test("is a prefix, 43 characters of secret and 6 of checksum", () => {
    fc.assert(
      fc.property(entropies, (entropy) => {
        expect(formatApiKey(entropy)).toMatch(/^prk_[0-9A-Za-z]{49}$/);
        expect(isApiKey(formatApiKey(entropy))).toBe(true);
      }),
    );
  });

  test.each([
    ["zeros", 0x00],
    ["ones", 0xff],
  ])("has room for entropy that is all %s", (_what, byte) => {
    const key = formatApiKey(new Uint8Array(keyEntropyBytes).fill(byte));

    expect(key).toHaveLength(53);
    expect(isApiKey(key)).toBe(true);
  });

  test("is another for other entropy", () => {
    fc.assert(
      fc.property(entropies, entropies, (one, other) => {
        const isSame = Buffer.from(one).equals(Buffer.from(other));

        expect(formatApiKey(one) === formatApiKey(other)).toBe(isSame);
      }),
    );
  });

  test("does not change from one version to the next: people hold keys", () => {
    expect(sample).toBe("prk_1fJjkkpe9PiTw9KSulA8Ghct30vZz4HpdQ5c5b9cPF12GKZfj");
  });
});

describe("a mistyped key", () => {
  test("is refused for every change of a single character", () => {
    const mistyped = [...sample].flatMap((character, at) =>
      [...alphabet]
        .filter((other) => other !== character)
        .map((other) => sample.slice(0, at) + other + sample.slice(at + 1)),
    );

    expect(mistyped.filter(isApiKey)).toEqual([]);
  });

  test("is refused for every swap of two neighbours", () => {
    fc.assert(
      fc.property(entropies, fc.integer({ min: 0, max: 51 }), (entropy, at) => {
        const key = formatApiKey(entropy);
        fc.pre(key[at] !== key[at + 1]);
        const swapped = `${key.slice(0, at)}${key[at + 1]}${key[at]}${key.slice(at + 2)}`;

        expect(isApiKey(swapped)).toBe(false);
      }),
    );
  });

  test.each([
    ["nothing", ""],
    ["the prefix", "prk_"],
    ["a key less a character", sample.slice(0, -1)],
    ["a key and a character", `${sample}0`],
    ["a key and a line end", `${sample}\n`],
    ["a key with a space before it", ` ${sample}`],
    ["a key of somebody else's form", `sk_${sample.slice(4)}`],
  ])("is refused if it is %s", (_what, text) => {
    expect(isApiKey(text)).toBe(false);
  });
});

describe("what is kept of a key", () => {
  test("is the SHA-256 of its text", () => {
    // printf abc | openssl dgst -sha256 -binary | base64
    expect(hashApiKey("abc")).toBe("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
  });

  test("may be logged by its beginning, which is no part of the key", () => {
    const id = keyIdOf(hashApiKey(sample));

    expect(id).toHaveLength(12);
    expect(sample).not.toContain(id);
  });
});

describe("a stored key", () => {
  const key: ApiKey = { hash: "h", senderId: "shop", scopes: [], label: "", createdAt: t0 };

  test.each([
    ["for ever, if nothing ends it", {}, t0 + 1e12, true],
    ["before it expires", { expiresAt: t0 + 1 }, t0, true],
    ["not when it expires", { expiresAt: t0 }, t0, false],
    ["not when it is revoked", { revokedAt: t0 }, t0, false],
    ["not when it was revoked by a clock that is ahead", { revokedAt: t0 + 1 }, t0, false],
    [
      "not once revoked, though it expires later",
      { revokedAt: t0, expiresAt: t0 + 9 },
      t0 + 1,
      false,
    ],
  ])("may be used %s", (_when, overrides, now, usable) => {
    expect(isUsable({ ...key, ...overrides }, now)).toBe(usable);
  });
});

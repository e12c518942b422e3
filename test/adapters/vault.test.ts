import { createDecipheriv, createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { failureFields } from "../../adapters/failure.ts";
import { masterKeyVault, newMasterKey, parseMasterKey } from "../../adapters/vault.ts";

const key = (letter: string): Uint8Array => Buffer.alloc(32, letter);
const vault = masterKeyVault([key("a")]);
const plain = Buffer.from("Bearer canary");

/** The error that something throws, for a look at more than its message. */
const errorOf = (act: () => unknown): Error & { code?: string } => {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error("Nothing was thrown");
};

describe("What is sealed", () => {
  test("opens again for its context, byte for byte, whatever it is", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (bytes, context) => {
        expect([...vault.open(vault.seal(bytes, context), context)]).toEqual([...bytes]);
      }),
    );
  });

  test("names its version and its key, and is text that any header or URL could carry", () => {
    const keyId = createHash("sha256").update(key("a")).digest().subarray(0, 6);

    const sealed = vault.seal(plain, "context");

    expect(sealed).toMatch(/^v1\.[\w-]{8}\.[\w-]{16}\.[\w-]+$/);
    expect(sealed.split(".")[1]).toBe(keyId.toString("base64url"));
    expect(Buffer.from(sealed.split(".")[3] ?? "", "base64url")).toHaveLength(plain.length + 16);
  });

  test("is AES-256-GCM with a key for its context, which is authenticated too", () => {
    const [, , nonce = "", text = ""] = vault.seal(plain, "context").split(".");
    const box = Buffer.from(text, "base64url");
    const contextKey = createHmac("sha256", key("a")).update("postrider v1 context").digest();

    const opening = createDecipheriv("aes-256-gcm", contextKey, Buffer.from(nonce, "base64url"));
    opening.setAAD(Buffer.from("context")).setAuthTag(box.subarray(-16));
    const opened = Buffer.concat([opening.update(box.subarray(0, -16)), opening.final()]);

    expect(opened).toEqual(plain);
  });

  test("never looks the same twice, and does not contain what is in it", () => {
    const texts = Array.from({ length: 1000 }, () => vault.seal(plain, "context"));

    expect(new Set(texts.map((text) => text.split(".")[2])).size).toBe(1000);
    expect(texts.join()).not.toContain(plain.toString("base64url"));
  });

  test("opens for no other context", () => {
    const sealed = vault.seal(plain, "header#shop#order-1#authorization");

    const error = errorOf(() => vault.open(sealed, "header#shop#order-2#authorization"));

    expect(error.code).toBe("SEALED_NOT_OURS");
  });

  test("does not open if one character of it is another, is gone, or is one too many", () => {
    const sealed = vault.seal(plain, "context");
    const places = fc.nat(sealed.length - 1);
    const characters = fc.constantFrom(..."AQgwBz09-_.=+/ \n");

    fc.assert(
      fc.property(places, characters, fc.nat(2), (at, character, skipped) => {
        const changed = sealed.slice(0, at) + character + sealed.slice(at + skipped);
        fc.pre(changed !== sealed);
        expect(() => vault.open(changed, "context")).toThrow("Cannot decrypt");
      }),
      { numRuns: 1000 },
    );
  });

  test("has one text only: none that differs in bits past its last byte opens", () => {
    const sealed = vault.seal(plain, "context");
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const last = alphabet[alphabet.indexOf(sealed.at(-1) ?? "") + 1] ?? "";
    const [, , , text = ""] = sealed.split(".");
    const other = text.slice(0, -1) + last;

    expect(Buffer.from(other, "base64url")).toEqual(Buffer.from(text, "base64url"));
    expect(() => vault.open(sealed.replace(text, other), "context")).toThrow("Cannot decrypt");
  });

  test.each([
    ["nothing", ""],
    ["plain text", "Bearer canary"],
    ["another version", vault.seal(plain, "context").replace("v1", "v2")],
    ["less than a tag", vault.seal(plain, "context").slice(0, 60)],
    ["a part more", `${vault.seal(plain, "context")}.AAAA`],
  ])("is not %s", (_name, text) => {
    expect(errorOf(() => vault.open(text, "context")).code).toBe("SEALED_NOT_OURS");
  });
});

describe("A keyed hash", () => {
  const [one, other] = [masterKeyVault([key("a")]), masterKeyVault([key("b"), key("a")])];

  test("is HMAC-SHA256 under a key for its context, with the id of the master key before it", () => {
    const own = createHmac("sha256", key("a")).update("postrider v1 context").digest();
    const keyId = createHash("sha256").update(key("a")).digest().subarray(0, 6);

    expect(one.mac("text", "context")).toBe(
      `${keyId.toString("base64url")}.${createHmac("sha256", own).update("text").digest("base64url")}`,
    );
  });

  test("is the same under a key that is named, whichever is the newest", () => {
    const [keyId = ""] = one.mac("text", "context").split(".");

    expect(other.mac("text", "context")).not.toBe(one.mac("text", "context"));
    expect(other.mac("text", "context", keyId)).toBe(one.mac("text", "context"));
  });

  test("is another for another text or context", () => {
    const hashes = [one.mac("a", "b"), one.mac("b", "b"), one.mac("a", "a"), one.mac("ab", "")];

    expect(new Set(hashes).size).toBe(4);
  });

  test("is not made without its key", () => {
    const [keyId = ""] = other.mac("text", "context").split(".");

    expect(errorOf(() => one.mac("text", "context", keyId)).code).toBe("SEALED_KEY_UNKNOWN");
  });
});

describe("A rotation of master keys", () => {
  const both = masterKeyVault([key("b"), key("a")]);

  test("opens what either key sealed", () => {
    const [older, newer] = [vault, both].map(({ seal }) => seal(plain, "context"));

    expect(both.open(older ?? "", "context")).toEqual(plain);
    expect(both.open(newer ?? "", "context")).toEqual(plain);
  });

  test("seals with the first key only", () => {
    const sealed = both.seal(plain, "context");

    expect(masterKeyVault([key("b")]).open(sealed, "context")).toEqual(plain);
    expect(errorOf(() => vault.open(sealed, "context")).code).toBe("SEALED_KEY_UNKNOWN");
  });
});

describe("A master key", () => {
  test.each([
    ["none", []],
    ["a short one", [key("a").subarray(1)]],
    ["a long one", [Buffer.alloc(33, "a")]],
    ["one of zeros", [new Uint8Array(32)]],
    ["one of zeros behind a good one", [key("a"), new Uint8Array(32)]],
  ])("is refused: %s", (_name, keys) => {
    expect(() => masterKeyVault(keys)).toThrow("32 bytes");
  });

  test("a new master key is valid, and differs each time", () => {
    const keys = Array.from({ length: 10 }, newMasterKey);

    expect(keys.map((text) => parseMasterKey(text)?.length)).toEqual(Array(10).fill(32));
    expect(new Set(keys).size).toBe(10);
  });

  const text = Buffer.alloc(32, 0xfb).toString("base64");
  test.each([
    ["nothing", ""],
    ["31 bytes", Buffer.alloc(31, 1).toString("base64")],
    ["33 bytes", Buffer.alloc(33, 1).toString("base64")],
    ["zeros", Buffer.alloc(32).toString("base64")],
    ["no padding", text.replace("=", "")],
    ["the URL alphabet", Buffer.alloc(32, 0xfb).toString("base64url")],
    ["hex", Buffer.alloc(32, 1).toString("hex")],
    ["a line end", `${text}\n`],
  ])("in text is not %s", (_name, given) => {
    expect(parseMasterKey(text)).toEqual(Buffer.alloc(32, 0xfb));
    expect(parseMasterKey(given)).toBeUndefined();
  });
});

test("No error says anything of what is inside, or of a key", () => {
  const sealed = vault.seal(plain, "context#canary");
  const other = masterKeyVault([key("b")]);
  const errors = [
    errorOf(() => vault.open(sealed, "other#canary")),
    errorOf(() => vault.open("canary", "context#canary")),
    errorOf(() => other.open(sealed, "context#canary")),
    errorOf(() => masterKeyVault([Buffer.from("canary")])),
  ];

  for (const error of errors) {
    const shown = `${error.message} ${error.cause} ${JSON.stringify(failureFields(error))}`;
    for (const secret of ["canary", sealed, Buffer.from(key("a")).toString(), "aaaaaaaa"])
      expect(shown).not.toContain(secret);
  }
  expect(errors.map((error) => failureFields(error)["code"]).slice(0, 3)).toEqual([
    ...["SEALED_NOT_OURS", "SEALED_NOT_OURS", "SEALED_KEY_UNKNOWN"],
  ]);
});

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { masterKeysFrom, secretsManager, secretTries } from "../../adapters/secrets.ts";
import { secretsStandIn } from "../../bench/secrets-stand-in.ts";
import { useEnvironment } from "../support/environment.ts";

const key = (letter: string): Uint8Array => Buffer.alloc(32, letter);
const textOf = (...keys: readonly Uint8Array[]): string =>
  keys.map((each) => Buffer.from(each).toString("base64")).join(",");

describe("Master keys in a secret", () => {
  const keysIn = (text: string | undefined) => masterKeysFrom(async () => text, "keys");

  test("are read in the order in which they are listed", async () => {
    expect(await keysIn(textOf(key("b"), key("a")))).toEqual([key("b"), key("a")]);
    expect(await keysIn(`${textOf(key("b"))}, ${textOf(key("a"))}\n`)).toHaveLength(2);
  });

  test("may be hexadecimal, as Secrets Manager draws them", async () => {
    const drawn = Buffer.from(key("h")).toString("hex");

    expect(await keysIn(`${drawn},${textOf(key("a"))}`)).toEqual([key("h"), key("a")]);
  });

  test.each([
    ["no key", "canary"],
    ["one digit short", Buffer.alloc(32, "canary").toString("hex").slice(1)],
    ["zero in hexadecimal", "0".repeat(64)],
    ["one that is too short", textOf(Buffer.alloc(31, "canary"))],
    ["one that is all zero", textOf(Buffer.alloc(32))],
    ["nothing", ""],
  ])("are refused by their place, and never shown: %s", async (_, text) => {
    await expect(keysIn(`${textOf(key("a"))},${text}`)).rejects.toThrow(
      /^The master keys in the secret keys cannot be used: key 2 is not 32 bytes, in base64 or hexadecimal, that are not all zero$/,
    );
  });

  test("are missed in a secret that is bytes", async () => {
    await expect(keysIn(undefined)).rejects.toThrow("The secret keys has no text");
  });

  test("an error about master keys does not show the answer", async () => {
    const quoting = new SyntaxError(`Unexpected token in ${textOf(key("a"))}`);

    const refused = masterKeysFrom(() => Promise.reject(quoting), "keys");

    const error = await refused.catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ message: "The secret keys cannot be read: SyntaxError" });
    expect((error as Error).cause).toBeUndefined();
  });
});

describe("Secrets Manager", () => {
  const secrets = new Map([["keys", "text of the secret"]]);
  const setEnvironment = useEnvironment();
  let manager: Awaited<ReturnType<typeof secretsStandIn>>;
  beforeAll(async () => {
    manager = await secretsStandIn(secrets);
    setEnvironment({
      ...{ AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" },
      AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.endpoint,
    });
  });
  afterAll(() => manager.stop());

  test("is asked for the text of a secret by its name", async () => {
    expect(await secretsManager()("keys")).toBe("text of the secret");
  });

  test("says that there is none of a name", async () => {
    await expect(masterKeysFrom(secretsManager(), "other")).rejects.toThrow(
      "The secret other cannot be read: ResourceNotFoundException",
    );
  });

  test("the read is given up before Lambda stops the start", async () => {
    const silent = createServer(() => {}).unref();
    await new Promise<void>((listening) => silent.listen(0, "127.0.0.1", listening));
    const { port } = silent.address() as AddressInfo;
    setEnvironment({ AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}` });
    // Another number than the SDK's own. It counts its tries itself: the server may be too slow to.
    const read = secretsManager({ max: 2, requestTimeoutMs: 50 });

    const error = await read("keys").catch((reason: unknown) => reason);

    expect(error).toMatchObject({ name: "TimeoutError", $metadata: { attempts: 2 } });
    await expect(masterKeysFrom(() => Promise.reject(error), "keys")).rejects.toThrow(
      "The secret keys cannot be read: TimeoutError",
    );
    // Lambda gives a start ten seconds: half of them are for everything else.
    expect(secretTries.max * secretTries.requestTimeoutMs).toBeLessThanOrEqual(5000);
    silent.closeAllConnections();
    silent.close();
  });
});

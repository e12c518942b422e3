/** What an operator does to keys and signing secrets that are in use. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { addOperator } from "../../cli/add-operator.ts";
import type { Outside } from "../../cli/outside.ts";
import { revokeKeyCommand } from "../../cli/revoke-key.ts";
import { rotateSecretCommand } from "../../cli/rotate-secret.ts";
import { hashApiKey } from "../../domain/api-key.ts";
import { apiKeyStore } from "../../entities/api-key.ts";
import { openSecret } from "../../handlers/signing.ts";
import { aRequest, masterKey, secretOf, useService } from "../support/service.ts";
import { environmentFor, runCommand, runProcess, secretsManager, shown } from "./aws.ts";

const service = useService();
let outside: Outside;
let ids = 0;

beforeAll(() => {
  outside = {
    ...{ storage: service.storage, clock: service.now },
    openVault: async () => service.vault,
    ask: (calls) => calls(),
  };
});

const noInput = async () => "";
const aSender = async () => {
  ids += 1;
  const senderId = `kept-${ids}`;
  return { senderId, apiKey: await service.senderWithKey(senderId) };
};

describe("revoke-key", () => {
  const revoke = (hash?: string, input = "") =>
    revokeKeyCommand.run({ table: "", hash }, outside, async () => input);
  const statusOf = async (senderId: string, key: string) =>
    (await service.submit(aRequest({ senderId, messageId: `m-${ids}` }), key)).status;

  test("by its hash, a key is refused from then on, and the sender's others are not", async () => {
    const { senderId, apiKey } = await aSender();
    const other = await service.senderWithKey(senderId);

    const said = await revoke(hashApiKey(apiKey));

    expect(said).toContain(`The key “test” of ${senderId} is revoked.`);
    expect(await statusOf(senderId, apiKey)).toBe(401);
    expect(await statusOf(senderId, other)).toBe(202);
  });

  test("by itself, from standard input, as npm runs it", async () => {
    const { senderId, apiKey } = await aSender();
    const secrets = await secretsManager({});
    const environment = await environmentFor(service.table, secrets.url);

    const args = ["--table", service.storage.table];
    const { code, out, err } = await runProcess("revoke-key", args, environment, `${apiKey}\n`);

    secrets.close();
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).not.toContain(apiKey);
    // The command has the machine's own time, which is later than the service's.
    const stored = await apiKeyStore(service.storage).get(hashApiKey(apiKey));
    expect(stored).toMatchObject({ senderId, revokedAt: expect.any(Number) });
  });

  test("a second time, says since when, and leaves it at that", async () => {
    const { apiKey } = await aSender();
    const hash = hashApiKey(apiKey);
    await revoke(hash);
    const before = await apiKeyStore(service.storage).get(hash);
    service.advance(5000);

    const said = await revoke(hash);

    expect(said).toContain(`was revoked at ${new Date(service.now() - 5000).toISOString()}.`);
    expect(await apiKeyStore(service.storage).get(hash)).toEqual(before);
  });

  test("of a key that is not there says so", async () => {
    await expect(revoke("x".repeat(43))).rejects.toThrow("There is no such key.");
  });

  test.each(["", "prk_nonsense", "whsec_abc"])("of what is no key says so: %j", async (input) => {
    await expect(revoke(undefined, input)).rejects.toThrow("is not an API key (prk_…).");
  });
});

describe("add-operator", () => {
  const senders = (key: string, method = "GET") =>
    service.request("/v1/senders", { method, body: method === "GET" ? undefined : "{}" }, key);

  test("makes a key that manages senders and opens no messages", async () => {
    const secrets = await secretsManager({});
    const environment = await environmentFor(service.table, secrets.url);
    const args = ["--table", service.storage.table, "--print"];

    const { code, out, err } = await runCommand("add-operator", args, environment);

    secrets.close();
    const key = shown(out, "API key");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(shown(out, "May")).toBe("senders:write, senders:read");
    expect(shown(out, "Key hash")).toBe(hashApiKey(key));
    expect((await senders(key)).status).toBe(200);
    expect((await service.request("/v1/messages", {}, key)).status).toBe(403);
    const { senderId, label } = (await apiKeyStore(service.storage).get(hashApiKey(key))) ?? {};
    expect([senderId, label]).toEqual([undefined, "made by add-operator"]);
  });

  test("with scopes, label and end makes a key that has them", async () => {
    const asked = { table: "", scopes: ["senders:read"] as const, label: "on call" };

    const out = await addOperator.run({ ...asked, expires: service.now() + 1 }, outside, noInput);

    const key = shown(out, "API key");
    expect(shown(out, "May")).toBe("senders:read, until 2026-03-01T12:00:05.001Z");
    expect(await apiKeyStore(service.storage).get(hashApiKey(key))).toMatchObject({
      ...{ label: "on call", expiresAt: service.now() + 1 },
    });
    expect([(await senders(key)).status, (await senders(key, "POST")).status]).toEqual([200, 403]);
  });

  test("makes a key that revoke-key ends", async () => {
    const out = await addOperator.run({ table: "" }, outside, noInput);
    const key = shown(out, "API key");

    const said = await revokeKeyCommand.run({ table: "", hash: hashApiKey(key) }, outside, noInput);

    expect(said).toContain("The key “made by add-operator” of an operator is revoked.");
    expect((await senders(key)).status).toBe(401);
  });

  test("takes no scope of a sender", () => {
    const given = { table: "a-table", scopes: "senders:read,messages:read" };

    const { error } = addOperator.schema(service.now()).safeParse(given);

    expect(error?.issues.map(({ message }) => message)).toEqual([
      "must be one or more of senders:write, senders:read",
    ]);
  });
});

describe("rotate-secret", () => {
  const rotate = (sender: string, overlap?: number) =>
    rotateSecretCommand.run({ table: "", secret: "", sender, overlap }, outside, noInput);
  const secretsOf = async (senderId: string) => {
    const sender = await service.senders.get(senderId);
    return (sender?.signingSecrets ?? []).map((each) => ({
      whsec: openSecret(service.vault, senderId, each),
      expiresAt: each.expiresAt,
    }));
  };

  test("puts the secret that it shows first, and lets the old one sign for a day", async () => {
    const { senderId } = await aSender();

    const out = await rotate(senderId);

    expect(await secretsOf(senderId)).toEqual([
      { whsec: shown(out, "Signing secret"), expiresAt: undefined },
      { whsec: secretOf(senderId), expiresAt: service.now() + 86_400_000 },
    ]);
    expect(shown(out, "The previous")).toBe("keep signing for 1d at most");
  });

  test("with no overlap leaves the new one alone", async () => {
    const { senderId } = await aSender();

    const out = await rotate(senderId, 0);

    expect(await secretsOf(senderId)).toEqual([{ whsec: shown(out, "Signing secret") }]);
    expect(shown(out, "The previous")).toBe("have ended");
  });

  test("of a sender that is not there is refused, and none is made", async () => {
    await expect(rotate("nobody")).rejects.toThrow("There is no such sender.");

    expect(await service.senders.get("nobody")).toBeUndefined();
  });

  test("is refused while five secrets sign, and says what helps", async () => {
    const { senderId } = await aSender();
    for (let count = 1; count < 5; count += 1) await rotate(senderId);

    await expect(rotate(senderId)).rejects.toThrow("Already 5 secrets sign. Wait until one");
  });

  test("takes an overlap in words, and no more than 90 days of it", async () => {
    const { senderId } = await aSender();
    const secrets = await secretsManager({ key: masterKey.toString("base64") });
    const environment = await environmentFor(service.table, secrets.url);
    const args = ["--table", service.storage.table, "--secret=key", "--sender", senderId];

    const faulty = await runCommand(
      ...(["rotate-secret", [...args, "--print", "--overlap", "91d"], environment] as const),
    );
    const { code, out } = await runCommand(
      ...(["rotate-secret", [...args, "--print", "--overlap", "7d"], environment] as const),
    );

    secrets.close();
    expect(faulty).toMatchObject({ code: 2, out: "" });
    expect(code).toBe(0);
    expect((await secretsOf(senderId)).map(({ whsec }) => whsec)).toContain(
      shown(out, "Signing secret"),
    );
  });
});

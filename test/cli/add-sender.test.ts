/** The first sender and its key, made from a terminal. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import { hashApiKey, isApiKey } from "../../domain/api-key.ts";
import { apiKeyStore } from "../../entities/api-key.ts";
import { senderEntity } from "../../entities/described/sender.ts";
import { newSecret } from "../../handlers/signing.ts";
import { openReceiver, type Seen } from "../support/receiver.ts";
import { aRequest, masterKey, start, useService } from "../support/service.ts";
import { type Environment, environmentFor, runCommand, secretsManager, shown } from "./aws.ts";

const secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:MasterKey-abc";

const service = useService();
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let secrets: Awaited<ReturnType<typeof secretsManager>>;
let environment: Environment;
let folder: string;
let ids = 0;

beforeAll(async () => {
  receiver = await openReceiver();
  secrets = await secretsManager({ [secret]: masterKey.toString("base64") });
  environment = await environmentFor(service.table, secrets.url);
  folder = await mkdtemp(join(tmpdir(), "postrider-cli-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  secrets.close();
  receiver.close();
});

/** The id of a sender that no other test has. */
const aSenderId = (): string => {
  ids += 1;
  return `made-${ids}`;
};
const add = (sender: string, ...more: readonly string[]) =>
  runCommand(
    "add-sender",
    ["--table", service.storage.table, "--secret", secret, "--sender", sender, "--print", ...more],
    environment,
  );
/** Runs the command, which must succeed; what it shows. */
const added = async (sender: string, ...more: readonly string[]) => {
  const { code, out, err } = await add(sender, ...more);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return {
    out,
    apiKey: shown(out, "API key"),
    hash: shown(out, "Key hash"),
    whsec: shown(out, "Signing secret"),
  };
};

/** Submits a message and makes its first attempt; what the target saw of it. */
const delivered = async (senderId: string, apiKey: string): Promise<Seen> => {
  ids += 1;
  const messageId = `by-hand-${ids}`;
  const message = aRequest({ messageId, senderId, targetUrl: `${receiver.url}/hook` });
  expect((await service.submit(message, apiKey)).status).toBe(202);
  await service.work({ v: 1, senderId, messageId, attempt: 1 });
  return receiver.of(messageId)[0] as Seen;
};
const verify = (whsec: string, seen: Seen): unknown => {
  const clock = jest.spyOn(Date, "now").mockReturnValue(service.now());
  try {
    return new Webhook(whsec).verify(seen.body, seen.headers as Record<string, string>);
  } finally {
    clock.mockRestore();
  }
};

describe("The first time", () => {
  test("a key that a submit takes is made, and a secret that verifies what is delivered", async () => {
    const senderId = aSenderId();

    const { apiKey, whsec } = await added(senderId);

    expect(verify(whsec, await delivered(senderId, apiKey))).toEqual({ order: 1 });
  });

  test("only the hash of the key is stored, and the secret sealed", async () => {
    const { apiKey, hash, whsec } = await added(aSenderId());

    const stored = JSON.stringify(await service.table.scan());

    expect(isApiKey(apiKey)).toBe(true);
    expect(hash).toBe(hashApiKey(apiKey));
    expect(stored).toContain(hash);
    for (const trace of [apiKey, whsec.slice(6), Buffer.from(whsec).toString("base64url")])
      expect(stored).not.toContain(trace);
  });

  test("label, scopes and end of the key are those that were said", async () => {
    const { hash, apiKey } = await added(
      ...[aSenderId(), "--label", "the shop's", "--scopes", "messages:read"],
      ...["--expires", "2099-06-30T00:00:00Z"],
    );

    expect(await apiKeyStore(service.storage).get(hash)).toMatchObject({
      label: "the shop's",
      scopes: ["messages:read"],
      expiresAt: Date.UTC(2099, 5, 30),
    });
    expect((await service.submit(aRequest(), apiKey)).json.code).toBe("FORBIDDEN");
  });

  test("a secret that receivers hold already signs, and is the one that is shown", async () => {
    const senderId = aSenderId();
    const brought = newSecret();
    const file = join(folder, "brought");
    await writeFile(file, `${brought}\n`);

    const { apiKey, whsec } = await added(senderId, "--signing-secret-file", file);

    expect(whsec).toBe(brought);
    expect(verify(brought, await delivered(senderId, apiKey))).toEqual({ order: 1 });
  });
});

describe("For a sender that is there", () => {
  test("another key is made, both work, and the signing secret stays and is not shown", async () => {
    const senderId = aSenderId();
    const first = await added(senderId);

    const second = await added(senderId);

    expect(second.apiKey).not.toBe(first.apiKey);
    expect(second.whsec).toBe("unchanged");
    expect(second.out).not.toContain("whsec_");
    for (const { apiKey } of [first, second])
      expect(verify(first.whsec, await delivered(senderId, apiKey))).toEqual({ order: 1 });
  });

  test("a secret that is brought along is refused, and nothing is made", async () => {
    const senderId = aSenderId();
    await added(senderId);
    const file = join(folder, "another");
    await writeFile(file, newSecret());
    const before = await service.table.scan();

    const { code, out, err } = await add(senderId, "--signing-secret-file", file);

    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain(`${senderId} already has a signing secret. Use npm run rotate-secret`);
    expect(await service.table.scan()).toEqual(before);
  });

  test("and that has no secret, from a version that did not sign, one is made", async () => {
    const senderId = aSenderId();
    await senderEntity(service.storage).create({ senderId, createdAt: start }).go();

    const { apiKey, whsec } = await added(senderId);

    expect(verify(whsec, await delivered(senderId, apiKey))).toEqual({ order: 1 });
  });
});

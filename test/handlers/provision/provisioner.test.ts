/** The custom resource that is a sender: what it stores, what a crash leaves, and what it answers. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { FinalizeRequestMiddleware, MetadataBearer } from "@smithy/types";
import type { Line } from "../../../adapters/log.ts";
import { putAnswer } from "../../../adapters/put-answer.ts";
import { secretVersions } from "../../../adapters/secret-versions.ts";
import { masterKeyVault } from "../../../adapters/vault.ts";
import { hashApiKey, isUsable, keyIdOf } from "../../../domain/api-key.ts";
import type { Storage } from "../../../entities/storage.ts";
import type { ProvisionEvent } from "../../../handlers/provision/event.ts";
import { provisioner } from "../../../handlers/provision/provisioner.ts";
import { listKeys } from "../../../handlers/senders/list.ts";
import { registryOf } from "../../../handlers/senders/registry.ts";
import { useEnvironment } from "../../support/environment.ts";
import { openSecretsManager } from "../../support/secrets-manager.ts";
import { masterKey, start } from "../../support/service.ts";
import { useTable } from "../../support/table.ts";

const table = useTable();
const dayMs = 86_400_000;
const stackId = "arn:aws:cloudformation:eu-west-1:123456789012:stack/Shop/0a1b2c";

type Answered = {
  readonly Status: string;
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly Data?: Readonly<Record<string, string>>;
};

const setEnvironment = useEnvironment();
let manager: Awaited<ReturnType<typeof openSecretsManager>>;
let answers: Answered[] = [];
let headers: (string | undefined)[] = [];
const cloudFormation = createServer(async (request, response) => {
  headers.push(request.headers["content-type"]);
  answers.push(JSON.parse(await text(request)));
  response.writeHead(request.url === "/refuses" ? 403 : 200).end();
}).unref();
let responseUrl: string;

beforeAll(async () => {
  manager = await openSecretsManager();
  setEnvironment({
    ...{ AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" },
    AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.endpoint,
  });
  await new Promise<void>((listening) => cloudFormation.listen(0, "127.0.0.1", listening));
  responseUrl = `http://127.0.0.1:${(cloudFormation.address() as AddressInfo).port}/`;
});
afterAll(() => {
  manager.stop();
  cloudFormation.closeAllConnections();
  cloudFormation.close();
});

let ids = 0;
let senderId: string;
let secretArn: string;
let now: number;
beforeEach(() => {
  senderId = `shop-${++ids}`;
  secretArn = `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${senderId}`;
  manager.make(secretArn);
  now = start;
  answers = [];
  headers = [];
});

class Dead extends Error {}

/** A process that dies at an effect of its own: before it, or right after it was carried out. */
type Death = { readonly at: number; readonly when: "before" | "after" };

const processOf = (death?: Death) => {
  const lines: Line[] = [];
  const failures: unknown[] = [];
  let effects = 0;
  let isDead = false;
  const gate = async <Result>(act: () => Result | Promise<Result>): Promise<Result> => {
    if (isDead) throw new Dead();
    effects += 1;
    const isLast = effects === death?.at;
    if (isLast && death?.when === "before") isDead = true;
    if (isDead) throw new Dead();
    if (!isLast) return act();
    // Whether it was refused is not known any more.
    await Promise.allSettled([act()]);
    isDead = true;
    throw new Dead();
  };
  const gated: FinalizeRequestMiddleware<object, MetadataBearer> = (next) => (args) =>
    gate(() => next(args));
  const storage: Storage = table.through({ maxAttempts: 1 });
  storage.client.middlewareStack.add(gated as never, { step: "finalizeRequest", priority: "low" });
  manager.around(gate);
  const handler = provisioner({
    ...registryOf(storage),
    secrets: secretVersions(),
    openVault: async () => masterKeyVault([masterKey]),
    put: (url, answer) => gate(() => putAnswer(url, answer)),
    log: { line: (line) => lines.push(line), failure: (_, error) => failures.push(error) },
    clock: () => now,
    sleep: async (ms) => {
      if (isDead) throw new Dead();
      now += ms;
    },
    chance: { random: () => 0.5, token: () => `token-${++ids}` },
  });
  return {
    ...{ lines, failures, handler },
    effects: () => effects,
    isDead: () => isDead,
  };
};

const context = { getRemainingTimeInMillis: () => 120_000, logGroupName: "Shop-MailSenders" };
const properties = (more: object = {}) => ({
  ServiceToken: "arn:aws:lambda:eu-west-1:123456789012:function:senders",
  ...{ SenderId: senderId, SecretArn: secretArn },
  ...{ Defaults: "{}", Scopes: ["messages:write", "messages:read"] },
  ...{ KeyVersion: "1", OverlapMs: String(dayMs) },
  ...more,
});
const eventOf = (
  RequestType: ProvisionEvent["RequestType"],
  more: object = {},
  PhysicalResourceId?: string,
): ProvisionEvent => ({
  ...{ RequestType, ResponseURL: responseUrl, StackId: stackId, RequestId: "request-1" },
  ...{ LogicalResourceId: "MailOrders", ResourceProperties: properties(more) },
  ...(PhysicalResourceId !== undefined && { PhysicalResourceId }),
});

/** Hands an event to a process of its own, and returns what CloudFormation is answered. */
const answerTo = async (event: ProvisionEvent): Promise<Answered> => {
  const { handler } = processOf();
  await handler(event, context);
  const answer = answers.at(-1);
  if (!answer) throw new Error("There is no answer");
  return answer;
};
const create = (more?: object) => answerTo(eventOf("Create", more));
const update = (id: string, more?: object) => answerTo(eventOf("Update", more, id));
const remove = (id: string, more?: object) => answerTo(eventOf("Delete", more, id));

const registry = () => registryOf(table.storage);
const keysOf = async (of = senderId) =>
  (await listKeys(registry(), of, { after: null, limit: 100 })).items;
const historyOf = async (of = senderId) =>
  (await registry().senderChanges.page(of, { after: null, limit: 100 }, now)).items.toReversed();
/** The key that a reader of the secret gets. */
const given = (stage?: string): string => {
  const { apiKey } = JSON.parse(manager.textOf(secretArn, stage) ?? "{}");
  return apiKey;
};
const isGivenKeyUsable = async (): Promise<boolean> => {
  const key = await registry().apiKeys.get(hashApiKey(given()));
  return key !== undefined && isUsable(key, now);
};

describe("A sender that a stack declares", () => {
  test("is created with its defaults and a key, which only the secret has", async () => {
    const Defaults = '{"timeoutMs":9000,"retry":{"schedule":["5s","2m"]}}';

    const answer = await create({ Defaults });

    expect(await registry().senders.get(senderId)).toMatchObject({
      ...{ senderId, timeoutMs: 9000, scheduleMs: [5000, 120_000] },
      signingSecrets: [expect.anything()],
    });
    expect(manager.textOf(secretArn)).toBe(JSON.stringify({ senderId, apiKey: given() }));
    const keyId = keyIdOf(hashApiKey(given()));
    expect(await keysOf()).toEqual([
      {
        ...{ hash: hashApiKey(given()), senderId, createdAt: start },
        ...{ scopes: ["messages:write", "messages:read"], label: "made by Shop, keyVersion 1" },
      },
    ]);
    expect(answer).toEqual({
      ...{ Status: "SUCCESS", PhysicalResourceId: `${senderId}/${keyId}` },
      Data: { SenderId: senderId, KeyId: keyId },
      ...{ StackId: stackId, RequestId: "request-1", LogicalResourceId: "MailOrders" },
    });
    expect(headers).toEqual([""]);
  });

  test("is recorded and logged as the deployment's, without the key", async () => {
    const { handler, lines, failures } = processOf();

    await handler(eventOf("Create"), context);

    const madeKeyId = keyIdOf(hashApiKey(given()));
    const deployment = "Shop/MailOrders";
    expect(await historyOf()).toEqual([
      expect.objectContaining({ change: "create-sender", deployment, madeKeyId, at: start }),
    ]);
    expect(lines).toEqual([
      {
        ...{ event: "manage", change: "create-sender", deployment, senderId, madeKeyId },
        durationMs: expect.any(Number),
      },
    ]);
    expect(JSON.stringify([lines, failures, await historyOf(), answers])).not.toContain(given());
  });

  test("that exists already gets the key besides its others, and keeps its signing secret", async () => {
    await create();
    const before = await registry().senders.get(senderId);
    const first = given();
    manager.make(`${secretArn}-2`);

    const answer = await answerTo({
      ...eventOf("Create", { SecretArn: `${secretArn}-2`, Defaults: '{"retentionDays":9}' }),
      LogicalResourceId: "MailElsewhere",
    });

    expect(answer.Status).toBe("SUCCESS");
    expect(await registry().senders.get(senderId)).toEqual({ ...before, retentionDays: 9 });
    expect(await keysOf()).toHaveLength(2);
    expect(given()).toBe(first);
    expect((await historyOf()).map(({ change }) => change)).toEqual([
      ...["create-sender", "create-key", "change-sender"],
    ]);
  });

  test("changes nothing more when the same event comes again", async () => {
    const first = await create();
    const stored = await table.scan();
    const text = manager.textOf(secretArn);
    const labelled = manager.asked.filter((name) => name === "UpdateSecretVersionStage").length;

    expect(await create()).toEqual(first);

    expect(await table.scan()).toEqual(stored);
    expect(manager.textOf(secretArn)).toBe(text);
    expect(manager.asked.filter((name) => name === "UpdateSecretVersionStage")).toHaveLength(
      labelled,
    );
  });

  test("has one key, though two of the same event come at once", async () => {
    const { handler } = processOf();

    await Promise.all([handler(eventOf("Create"), context), handler(eventOf("Create"), context)]);

    expect(await keysOf()).toHaveLength(1);
    expect(answers.map(({ Status }) => Status)).toEqual(["SUCCESS", "SUCCESS"]);
    expect(await isGivenKeyUsable()).toBe(true);
  });
});

describe("An update", () => {
  test("changes defaults in place: those that are not declared any more are removed", async () => {
    const { PhysicalResourceId } = await create({ Defaults: '{"timeoutMs":9000}' });
    const key = given();

    const answer = await update(PhysicalResourceId, { Defaults: '{"retentionDays":7}' });

    const sender = await registry().senders.get(senderId);
    expect([sender?.timeoutMs, sender?.retentionDays]).toEqual([undefined, 7]);
    expect(answer.PhysicalResourceId).toBe(PhysicalResourceId);
    expect(given()).toBe(key);
    expect((await historyOf()).at(-1)).toMatchObject({
      ...{ change: "change-sender", defaults: { timeoutMs: null, retentionDays: 7 } },
    });
  });

  test("of keyVersion gives another key, and the previous one ends after the overlap", async () => {
    const { PhysicalResourceId } = await create();
    const first = given();

    const answer = await update(PhysicalResourceId, { KeyVersion: "2" });

    expect(answer.PhysicalResourceId).not.toBe(PhysicalResourceId);
    expect(given()).not.toBe(first);
    expect(await isGivenKeyUsable()).toBe(true);
    const previous = await registry().apiKeys.get(hashApiKey(first));
    expect(previous?.expiresAt).toBe(start + dayMs);
    // CloudFormation deletes what an update has replaced.
    await remove(PhysicalResourceId);
    expect(await registry().apiKeys.get(hashApiKey(first))).toEqual(previous);
    expect((await historyOf()).at(-1)).toMatchObject({
      ...{ change: "revoke-key", revokedKeyId: PhysicalResourceId.split("/")[1] },
      ...{ overlapMs: dayMs, deployment: "Shop/MailOrders" },
    });
  });

  test("of what a key may do gives another key, too", async () => {
    const { PhysicalResourceId } = await create();

    await update(PhysicalResourceId, { Scopes: ["messages:write"] });

    const key = await registry().apiKeys.get(hashApiKey(given()));
    expect(key?.scopes).toEqual(["messages:write"]);
  });

  test("that is rolled back gives the previous key again, without an end", async () => {
    const { PhysicalResourceId } = await create();
    const first = given();
    const { PhysicalResourceId: second } = await update(PhysicalResourceId, { KeyVersion: "2" });

    const back = await update(second, { KeyVersion: "1" });
    await remove(second);

    expect(back.PhysicalResourceId).toBe(PhysicalResourceId);
    expect(given()).toBe(first);
    const key = await registry().apiKeys.get(hashApiKey(first));
    expect(key && [key.expiresAt, isUsable(key, now + 9 * dayMs)]).toEqual([undefined, true]);
  });

  test("to a version whose key has ended is refused, and changes nothing", async () => {
    const { PhysicalResourceId } = await create();
    const { PhysicalResourceId: second } = await update(PhysicalResourceId, { KeyVersion: "2" });
    const key = given();
    now += 2 * dayMs;

    const answer = await update(second, { KeyVersion: "1" });

    expect(answer).toMatchObject({
      ...{ Status: "FAILED", PhysicalResourceId: second },
      Reason: "keyVersion 1 had a key before, which has ended. Take a number that was never used.",
    });
    expect(given()).toBe(key);
  });

  test("of the id makes another sender; the old one keeps what it has, and its key ends", async () => {
    const { PhysicalResourceId } = await create();
    const first = given();

    const answer = await update(PhysicalResourceId, { SenderId: `${senderId}-new` });

    expect(answer.Data?.["SenderId"]).toBe(`${senderId}-new`);
    expect(await registry().senders.get(senderId)).toBeDefined();
    const key = await registry().apiKeys.get(hashApiKey(first));
    expect(key?.expiresAt).toBe(start + dayMs);
  });
});

describe("A delete", () => {
  test("revokes the key at once, and deletes neither the sender nor anything else", async () => {
    const { PhysicalResourceId } = await create();
    const before = await table.scan();

    const answer = await remove(PhysicalResourceId);

    expect(answer).toMatchObject({ Status: "SUCCESS", PhysicalResourceId });
    expect((await keysOf()).map(({ revokedAt }) => revokedAt)).toEqual([start]);
    expect(await registry().senders.get(senderId)).toBeDefined();
    // One more: the entry that says who revoked it.
    expect(await table.scan()).toHaveLength(before.length + 1);
  });

  test("that comes again records nothing more", async () => {
    const { PhysicalResourceId } = await create();
    await remove(PhysicalResourceId);
    const before = await table.scan();

    expect((await remove(PhysicalResourceId)).Status).toBe("SUCCESS");

    expect(await table.scan()).toEqual(before);
  });

  test("of a create that was never answered revokes the key that it left", async () => {
    const { handler } = processOf({ at: 9, when: "after" });
    await handler(eventOf("Create"), context).catch(() => {});
    expect(await keysOf()).toHaveLength(1);

    // CloudFormation makes an id up.
    await remove("Shop-MailOrders-1A2B3C");

    expect((await keysOf()).map(({ revokedAt }) => revokedAt)).toEqual([start]);
  });

  test("of a create that failed halfway revokes the key by the id that was answered", async () => {
    const { handler } = processOf();
    // The secret cannot be given its new version.
    manager.around(async (answer) =>
      manager.asked.at(-1) === "UpdateSecretVersionStage"
        ? { status: 400, body: { __type: "AccessDeniedException" } }
        : answer(),
    );
    await handler(eventOf("Create"), context);
    const [{ Status, PhysicalResourceId } = { Status: "", PhysicalResourceId: "" }] = answers;
    manager.remove(secretArn);

    await remove(PhysicalResourceId);

    expect(Status).toBe("FAILED");
    expect((await keysOf()).map(({ revokedAt }) => typeof revokedAt)).toEqual(["number"]);
  });

  test("of a create that was refused has nothing to do", async () => {
    const { Status, PhysicalResourceId } = await create({ SenderId: "a b" });

    expect(Status).toBe("FAILED");
    expect((await remove(PhysicalResourceId, { SenderId: "a b" })).Status).toBe("SUCCESS");
  });

  test("succeeds though somebody has deleted the secret", async () => {
    const { PhysicalResourceId } = await create();
    manager.remove(secretArn);

    expect((await remove(PhysicalResourceId)).Status).toBe("SUCCESS");
    expect((await remove("Shop-MailOrders-1A2B3C")).Status).toBe("SUCCESS");
  });
});

describe("What cannot be done", () => {
  test("is answered with every fault, and with nothing internal", async () => {
    const answer = await create({
      ...{ SenderId: "a b", Defaults: '{"timeoutMs":5,"color":1}', Scopes: ["all"] },
      ...{ KeyVersion: "0", OverlapMs: "-1" },
    });

    expect(answer.Status).toBe("FAILED");
    for (const fault of [
      ...["has 6 faults", "SenderId must be 1 to 128", "Defaults.timeoutMs must be at least"],
      ...["Defaults.color is not a known member", "Scopes.0 must be one of messages:write"],
      ...["KeyVersion must be at least 1", "OverlapMs must be at least 0"],
    ])
      expect(answer.Reason).toContain(fault);
    expect(manager.textOf(secretArn)).toBe("not a key");
  });

  test("is tried for a while, then answered with where the reason is logged", async () => {
    manager.remove(secretArn);
    const { handler, failures } = processOf();

    await handler(eventOf("Create"), context);

    expect(now - start).toBeGreaterThan(30_000);
    expect(answers).toEqual([
      expect.objectContaining({
        Status: "FAILED",
        Reason: "Postrider could not do this. The log group Shop-MailSenders says why.",
      }),
    ]);
    expect(failures).toHaveLength(1);
  });

  test("by a permission that counts only after some seconds is done then", async () => {
    const { handler } = processOf();
    let tries = 0;
    manager.around(async (answer) => {
      tries += 1;
      return tries <= 3 ? { status: 400, body: { __type: "AccessDeniedException" } } : answer();
    });

    await handler(eventOf("Create"), context);

    expect(answers.map(({ Status }) => Status)).toEqual(["SUCCESS"]);
    expect(await isGivenKeyUsable()).toBe(true);
  });

  test("by an answer that is not taken fails the invocation, so that Lambda repeats it", async () => {
    const { handler } = processOf();
    const event = { ...eventOf("Create"), ResponseURL: `${responseUrl}refuses` };

    await expect(handler(event, context)).rejects.toThrow(
      /^CloudFormation did not take the answer: 403$/,
    );
  });
});

/*
 * The order of the effects is told in the comments of handlers/provision. Here the process dies before
 * and after each of them, and the event comes again, as Lambda and CloudFormation hand it over.
 */
describe("A crash at any effect leaves nothing that the same event does not complete:", () => {
  const deaths = async (run: (death: Death) => Promise<boolean>): Promise<number> => {
    let count = 0;
    for (let at = 1; ; at += 1)
      for (const when of ["before", "after"] as const) {
        if (!(await run({ at, when }))) return count;
        count += 1;
      }
  };

  test("of a create", async () => {
    const died = await deaths(async (death) => {
      senderId = `crash-${++ids}`;
      secretArn = `secret-${senderId}`;
      manager.make(secretArn);
      answers = [];
      const first = processOf(death);
      await first.handler(eventOf("Create"), context).catch(() => {});
      if (!first.isDead()) return false;

      const answer = await create();

      expect(answer.Status).toBe("SUCCESS");
      expect(await isGivenKeyUsable()).toBe(true);
      expect(await keysOf()).toHaveLength(1);
      expect((await registry().senders.get(senderId))?.signingSecrets).toHaveLength(1);
      return true;
    });

    expect(died).toBeGreaterThan(20);
  });

  test("of an update to another key: one works at any time, and the old one ends", async () => {
    const died = await deaths(async (death) => {
      senderId = `crash-${++ids}`;
      secretArn = `secret-${senderId}`;
      manager.make(secretArn);
      const { PhysicalResourceId } = await create();
      const old = given();
      const event = eventOf("Update", { KeyVersion: "2" }, PhysicalResourceId);
      const first = processOf(death);
      await first.handler(event, context).catch(() => {});
      if (!first.isDead()) return false;
      expect(await isGivenKeyUsable()).toBe(true);

      await answerTo(event);

      expect(given()).not.toBe(old);
      expect(await isGivenKeyUsable()).toBe(true);
      expect(await keysOf()).toHaveLength(2);
      const previous = await registry().apiKeys.get(hashApiKey(old));
      expect(previous?.expiresAt).toBe(start + dayMs);
      return true;
    });

    expect(died).toBeGreaterThan(20);
  });

  test("of a delete", async () => {
    const died = await deaths(async (death) => {
      senderId = `crash-${++ids}`;
      secretArn = `secret-${senderId}`;
      manager.make(secretArn);
      const { PhysicalResourceId } = await create();
      const event = eventOf("Delete", {}, PhysicalResourceId);
      const first = processOf(death);
      await first.handler(event, context).catch(() => {});
      if (!first.isDead()) return false;

      await answerTo(event);

      expect((await keysOf()).map(({ revokedAt }) => revokedAt)).toEqual([start]);
      return true;
    });

    expect(died).toBeGreaterThan(5);
  });
});

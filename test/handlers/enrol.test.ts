/** How a sender and its keys are made: for operators, the local edition, the benchmark, the proofs. */
import { describe, expect, test } from "@jest/globals";
import { hashApiKey, isApiKey, scopes } from "../../domain/api-key.ts";
import { parseSecret } from "../../domain/signature.ts";
import { apiKeyStore } from "../../entities/api-key.ts";
import { senderEntity } from "../../entities/described/sender.ts";
import { enrol, enrolNew } from "../../handlers/enrol.ts";
import { newApiKey } from "../../handlers/senders/keys.ts";
import { newSecret, openSecret } from "../../handlers/signing.ts";
import { awsError } from "../support/faults.ts";
import { start, useService } from "../support/service.ts";

const service = useService();
let ids = 0;

/** What is asked for a sender that no other test has. */
const asked = () => {
  ids += 1;
  return { senderId: `enrolled-${ids}`, scopes, label: "test" };
};
const deps = () => service.deps;
const keyOf = (apiKey: string) => apiKeyStore(service.storage).get(hashApiKey(apiKey));
const secretsOf = async (senderId: string): Promise<readonly string[]> =>
  ((await service.senders.get(senderId))?.signingSecrets ?? []).map((each) =>
    openSecret(service.vault, senderId, each),
  );

test("a new sender gets a key and a signing secret, which are stored with the time", async () => {
  const key = { ...asked(), expiresAt: start + 1 };

  const { apiKey, whsec = "" } = await enrol(deps(), key);

  expect([isApiKey(apiKey), parseSecret(whsec)?.length]).toEqual([true, 32]);
  expect(await keyOf(apiKey)).toEqual({
    ...key,
    hash: hashApiKey(apiKey),
    createdAt: service.now(),
  });
  expect(await service.senders.get(key.senderId)).toMatchObject({ createdAt: service.now() });
  expect(await secretsOf(key.senderId)).toEqual([whsec]);
});

test("a key and a secret that are brought along are those that are stored", async () => {
  const key = asked();
  const brought = { apiKey: newApiKey(), whsec: newSecret() };

  expect(await enrol(deps(), key, brought)).toEqual(brought);

  expect(await keyOf(brought.apiKey)).toMatchObject(key);
  expect(await secretsOf(key.senderId)).toEqual([brought.whsec]);
});

test("the same key again changes nothing", async () => {
  const key = asked();
  const { apiKey } = await enrol(deps(), key);
  const before = await service.table.scan();
  service.advance(1000);

  const again = await enrol(deps(), { ...key, label: "another" }, { apiKey });

  expect(again).toEqual({ apiKey, whsec: undefined });
  expect(await service.table.scan()).toEqual(before);
});

test("a sender that exists gets another key, and keeps its secret", async () => {
  const key = asked();
  const first = await enrol(deps(), key);

  const second = await enrol(deps(), key);

  expect(second).toEqual({ apiKey: expect.not.stringMatching(first.apiKey), whsec: undefined });
  expect(await keyOf(second.apiKey)).toMatchObject(key);
  expect(await secretsOf(key.senderId)).toEqual([first.whsec]);
});

test("a sender of a version that did not sign gets a secret", async () => {
  const key = asked();
  const { senderId } = key;
  await senderEntity(service.storage).create({ senderId, createdAt: start }).go();

  const { whsec } = await enrol(deps(), key);

  expect(await secretsOf(senderId)).toEqual([whsec]);
});

test("where a new sender is wanted, one that exists is an error that names it", async () => {
  const key = asked();
  const { apiKey, signingSecret } = await enrolNew(deps(), key);

  await expect(enrolNew(deps(), key)).rejects.toThrow(`The sender ${key.senderId} exists already`);

  expect(await keyOf(apiKey)).toMatchObject(key);
  expect(await secretsOf(key.senderId)).toEqual([signingSecret]);
});

describe("What goes wrong in between", () => {
  test.each(["apiKey", "sender"])(
    "where the %s cannot be stored, there is no sender with a secret that nobody has seen",
    async (entity) => {
      const key = asked();
      const error = awsError("AccessDeniedException");
      const on = (input: object) => JSON.stringify(input).includes(`"S":"${entity}"`);
      service.faults.inject({ command: "PutItem", when: "before", error, times: 1, on });

      const failed = enrol(deps(), key);

      await expect(failed).rejects.toThrow("AccessDeniedException");
      expect(await service.senders.get(key.senderId)).toBeUndefined();
      const { whsec } = await enrol(deps(), key);
      expect(await secretsOf(key.senderId)).toEqual([whsec]);
    },
  );

  test("of two concurrent calls one shows the stored secret, and both create a key", async () => {
    const key = asked();
    let other: Awaited<ReturnType<typeof enrol>> | undefined;
    // After both have looked whether the sender is there.
    service.faults.before("PutItem", async () => {
      service.faults.before("PutItem", async () => {
        other = await enrol(deps(), key);
      });
    });

    const mine = await enrol(deps(), key);

    expect(mine.whsec).toBeUndefined();
    expect(await secretsOf(key.senderId)).toEqual([other?.whsec]);
    for (const { apiKey } of [mine, other as typeof mine])
      expect(await keyOf(apiKey)).toMatchObject(key);
  });
});

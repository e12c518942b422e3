/**
 * What the outbox refuses besides the rules of a message. That those are the ones of the HTTP door is
 * asked where they are tested: `handlers/api/bad-input` and `handlers/api/target-corpus`.
 */
import { describe, expect, test } from "@jest/globals";
import { limits } from "../../domain/limits.ts";
import { outbox } from "../../outbox/index.ts";
import { outboxOf } from "../support/outbox.ts";
import { aRequest, masterKey, useService } from "../support/service.ts";

const service = useService();

const refused = (overrides: object, given = outboxOf(service)) =>
  given.send(aRequest({ ...overrides }) as never).then(
    () => undefined,
    (error: unknown) => error as { code: string; issues: readonly unknown[] },
  );

describe("A message is refused", () => {
  test("for a sender that does not exist, once it does not", async () => {
    const given = outboxOf(service);
    const issues = [{ path: ["senderId"], message: "is not a sender that exists" }];
    expect(await refused({ senderId: "new" }, given)).toMatchObject({ issues });

    await service.senderWithKey("new");

    expect(await refused({ senderId: "new" }, given)).toBeUndefined();
  });

  test("for each secret header if there are no keys, together with its sender", async () => {
    const given = outboxOf(service, { masterKeys: undefined });
    const headers = { Authorization: "Bearer a", cookie: "b", "x-plain": "c" };

    const error = await refused({ headers, senderId: "nobody" }, given);

    const message = "is stored encrypted: the outbox needs the option masterKeys";
    expect(error?.issues).toEqual([
      { path: ["headers", "Authorization"], message },
      { path: ["headers", "cookie"], message },
      { path: ["senderId"], message: "is not a sender that exists" },
    ]);
    expect(JSON.stringify(error)).not.toContain("Bearer");
  });

  test("if its last moment has passed", async () => {
    expect(await refused({ giveUpAt: "2026-03-01T11:59:59Z" })).toMatchObject({
      code: "VALIDATION_ERROR",
      issues: [{ path: ["giveUpAt"], message: "must be later than the first attempt" }],
    });
  });

  test("for bytes as a body, which JSON would make an object of", async () => {
    const message = "is bytes: give them in base64, as bodyBase64";
    for (const body of [Buffer.from("a"), new Uint8Array(2), new DataView(new ArrayBuffer(1))])
      expect(await refused({ body })).toMatchObject({ issues: [{ path: ["body"], message }] });
  });

  test("for what JSON cannot carry", async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    for (const body of [cyclic, 1n])
      expect(await refused({ body })).toMatchObject({
        code: "VALIDATION_ERROR",
        issues: [{ path: [], message: "cannot be written as JSON" }],
      });
  });

  test("that is larger than a request may be", async () => {
    const extra = "x".repeat(limits.requestBytesMax);

    expect(await refused({ extra })).toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
  });

  test.each([[undefined], [null], [[]], ["text"]])("that is none: %j", async (message) => {
    await expect(outboxOf(service).send(message as never)).rejects.toMatchObject({
      issues: [{ path: [], message: "must be an object" }],
    });
  });

  test("and nothing is stored of it, nor of one that is not refused", async () => {
    const before = await service.table.scan();
    await refused({ targetUrl: "ftp://a" });
    await outboxOf(service).send(aRequest({ body: "x".repeat(5000) }) as never);

    expect(await service.table.scan()).toEqual(before);
  });
});

describe("The options", () => {
  const open = (options: object) => () => outbox(service.storage, options);

  test("are refused with every fault, without showing a key", () => {
    const key = Buffer.alloc(31, 7).toString("base64");
    const settings = {
      ...{ POSTRIDER_SHARDS: "0", POSTRIDER_ALLOW_TARGETS: "10.0.0.0/99" },
      POSTRIDER_RETENTIONDAYS: "7",
    };

    const faults = expect(open({ masterKeys: `${key},`, settings }));

    faults.toThrow(/settings\.POSTRIDER_SHARDS: must be a whole number from 1 to 256/);
    faults.toThrow(/settings\.POSTRIDER_ALLOW_TARGETS: "10\.0\.0\.0\/99" is not a range/);
    faults.toThrow(/settings\.POSTRIDER_RETENTIONDAYS: is not a setting/);
    faults.toThrow(/masterKeys: key 1 is not 32 bytes/);
    faults.toThrow(/masterKeys: key 2 is not 32 bytes/);
    faults.not.toThrow(key);
  });

  test("may be those of a stage, and need not be given", () => {
    const settings = { POSTRIDER_TIMEOUT_MS: "1000", POSTRIDER_SHARDS: "16" };

    expect(open({ settings, masterKeys: masterKey.toString("base64") })).not.toThrow();
    expect(open({})).not.toThrow();
  });

  test("without a number of shards use the one that every dispatcher looks at", async () => {
    const settings = { POSTRIDER_ALLOW_TARGETS: "127.0.0.0/8", POSTRIDER_ALLOW_HTTP: "true" };
    const given = outboxOf(service, { settings });

    const sent = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        given.send(aRequest({ messageId: `shard-${index}` }) as never),
      ),
    );

    const shards = sent.map(({ documents }) => documents[0]?.Put.Item["dueShard"]);
    expect(new Set(shards)).toEqual(new Set(["0"]));
  });
});

/** An ended message can be erased: its content is gone, and its id still known. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Message } from "../../../domain/message.ts";
import { actionStore } from "../../../entities/action.ts";
import { payloadStore } from "../../../entities/payload.ts";
import { replayMessage } from "../../../handlers/steer/replay.ts";
import { awsError } from "../../support/faults.ts";
import { type Answer, openReceiver } from "../../support/receiver.ts";
import { aRequest, openService, options, type Service } from "../../support/service.ts";

const minuteMs = 60_000;
const iso = (ms: number): string => new Date(ms).toISOString();

let service: Service;
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let answer: Answer | (() => Promise<Answer>) = { status: 200 };
let ids = 0;

beforeAll(async () => {
  service = await openService();
  receiver = await openReceiver(() => (typeof answer === "function" ? answer() : answer));
});
afterEach(async () => {
  service.faults.clear();
  answer = { status: 200 };
  await service.purge();
});
afterAll(async () => {
  receiver.close();
  await service.close();
});

const canary = "canary-of-a-person";
const small = { body: { name: canary }, headers: { "x-name": canary, cookie: canary } };
const large = { ...small, body: { name: canary, more: "x".repeat(3000) } };
const sizes = [
  ["small", small],
  ["large", large],
] as const;

const requestOf = (messageId: string, members: object = {}) =>
  aRequest({ messageId, targetUrl: `${receiver.url}/hook`, ...members });
const submitted = async (members: object = {}): Promise<string> => {
  const messageId = `erase-${++ids}`;
  const { status } = await service.submit(requestOf(messageId, members));
  if (status !== 202) throw new Error(`The message is refused with ${status}`);
  return messageId;
};
const attempt = (messageId: string, given: typeof answer, number = 1) => {
  answer = given;
  return service.work({ v: 1, senderId: "shop", messageId, attempt: number });
};
const gone: Answer = { status: 410, headers: { "content-type": "text/plain" }, body: canary };
const failed = async (members: object = {}): Promise<string> => {
  const messageId = await submitted(members);
  await attempt(messageId, gone);
  return messageId;
};
const erase = (messageId: string) =>
  service.request(`/v1/messages/${messageId}`, { method: "DELETE" });
const replay = (messageId: string) =>
  service.request(`/v1/messages/${messageId}/replay`, { method: "POST" });
const found = async (messageId: string): Promise<Message> => {
  const message = await service.get(messageId);
  if (!message) throw new Error("There is no such message");
  return message;
};
const payloads = () => payloadStore(service.storage);

/**
 * What is stored under an id of the shop, as the table has it: all but the entries that say who did
 * something.
 */
const itemsOf = async (messageId: string) => {
  const items = await service.table.scan();
  const pk = `$postrider#senderId_shop#messageId_${messageId}`;
  return items.filter((item) => item["pk"] === pk && item["__edb_e__"] !== "action");
};
/** Whether the content is anywhere in what is stored: as text, or as bytes. */
const isStored = async (messageId: string): Promise<boolean> => {
  const text = JSON.stringify(await itemsOf(messageId), (_name, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString() : value,
  );
  return text.includes(canary) || /"(x-name|cookie)"/.test(text);
};
const isShown = async (messageId: string): Promise<boolean> => {
  const path = `/v1/messages/${messageId}`;
  const answers = await Promise.all(
    [
      path,
      ...["attempts", "why", "history"].map((part) => `${path}/${part}`),
      "/v1/messages?limit=100",
    ].map((each) => service.request(each)),
  );
  if (answers.some(({ status }) => status !== 200)) throw new Error("A view is refused");
  return answers.some(({ text }) => text.includes(canary) || text.includes("x-name"));
};

describe("A DELETE of a message that has ended", () => {
  test.each(sizes)(
    "removes headers, body and responses, if it is %s, and keeps the rest",
    async (_size, members) => {
      const messageId = await failed(members);
      const before = await found(messageId);
      const { payload: _, headers: __, body: ___, ...rest } = before;
      expect([await isStored(messageId), await isShown(messageId)]).toEqual([true, true]);
      service.advance(minuteMs);

      const { status, json } = await erase(messageId);

      const erasedAt = service.now();
      expect([status, json.status, json.erasedAt]).toEqual([200, "FAILED", iso(erasedAt)]);
      expect([await isStored(messageId), await isShown(messageId)]).toEqual([false, false]);
      expect(await found(messageId)).toEqual({
        ...{ ...rest, payload: true, erasedAt },
        updatedAt: erasedAt,
      });
      const shown = await service.request(`/v1/messages/${messageId}`);
      expect(shown.json).toMatchObject({ targetUrl: before.targetUrl, ...json });
      expect(shown.json).not.toHaveProperty("headers");
      expect(shown.json.why).toMatch(/ Its content was erased less than 1 s ago\.$/);
      const attempts = await service.request(`/v1/messages/${messageId}/attempts`);
      expect(attempts.json.attempts).toMatchObject([{ number: 1, outcome: "failed", status: 410 }]);
    },
  );

  test("removes the payloads of submits under its id that were refused", async () => {
    const messageId = await failed(large);
    const other = { ...large, body: { name: `${canary}-2`, more: "x".repeat(3000) } };
    expect((await service.submit(requestOf(messageId, other))).status).toBe(409);

    await erase(messageId);

    expect(await isStored(messageId)).toBe(false);
  });

  test.each([
    ["COMPLETED", () => submitted(small)],
    ["CANCELLED", () => submitted({ ...small, deliverAt: iso(service.now() + minuteMs) })],
  ])("erases one that is %s", async (status, begin) => {
    const messageId = await begin();
    if (status === "COMPLETED") await attempt(messageId, { status: 200 });
    else await service.request(`/v1/messages/${messageId}/cancel`, { method: "POST" });

    const { json } = await erase(messageId);

    expect(json.status).toBe(status);
    expect(await isStored(messageId)).toBe(false);
  });

  test("is answered alike when it is repeated, and changes nothing", async () => {
    const messageId = await failed(large);
    const first = await erase(messageId);
    const before = await itemsOf(messageId);
    service.advance(minuteMs);
    const calls = service.faults.calls.length;

    const second = await erase(messageId);

    expect([second.status, second.text]).toEqual([200, first.text]);
    expect(service.faults.calls.slice(calls)).toEqual(["GetItem", "Query", "Query"]);
    expect(await itemsOf(messageId)).toEqual(before);
  });

  test("has a line in the log, without what was erased", async () => {
    const messageId = await failed(small);

    await erase(messageId);

    expect(service.linesOf("steer").at(-1)).toMatchObject({
      ...{ action: "erase", messageId, status: "FAILED", problem: undefined },
      transitions: [{ verb: "erase", from: "FAILED", to: "FAILED" }],
    });
    expect(JSON.stringify(service.lines)).not.toContain(canary);
  });
});

describe("A message that has not ended is not erased:", () => {
  test.each([
    ["one that is scheduled", () => ({ deliverAt: iso(service.now() + 86_400_000) }), "PENDING"],
    ["one that is on the queue", () => ({}), "QUEUED"],
  ])("%s", async (_what, members, messageStatus) => {
    const messageId = await submitted({ ...small, ...members() });
    const before = await itemsOf(messageId);

    const { status, json } = await erase(messageId);

    expect([status, json.code, json.messageStatus]).toEqual([409, "INVALID_STATE", messageStatus]);
    expect(json.detail).toContain("cancel it first");
    expect(await itemsOf(messageId)).toEqual(before);
  });

  test("one whose attempt is being made is delivered whole", async () => {
    const messageId = await submitted(large);
    let during: Awaited<ReturnType<typeof erase>> | undefined;
    await attempt(messageId, async () => {
      during = await erase(messageId);
      return { status: 503 };
    });
    service.advance(10_000);
    await attempt(messageId, { status: 200 }, 2);

    expect([during?.status, during?.json.messageStatus]).toEqual([409, "PROCESSING"]);
    const [, second] = receiver.of(messageId);
    expect(JSON.parse(String(second?.body))).toEqual(large.body);
  });
});

describe("An erased message", () => {
  test.each(sizes)("is still known by its submit, if it was %s", async (_size, members) => {
    const messageId = await failed(members);
    const { json: erased } = await erase(messageId);
    service.advance(minuteMs);

    const repeat = await service.submit(requestOf(messageId, members));
    const other = await service.submit(requestOf(messageId, { ...members, method: "PUT" }));

    expect([repeat.status, repeat.json.duplicate]).toEqual([200, true]);
    expect([repeat.json.status, repeat.json.createdAt]).toEqual(["FAILED", erased.createdAt]);
    expect([other.status, other.json.code]).toEqual([409, "MESSAGE_CONFLICT"]);
    expect(await isStored(messageId)).toBe(false);
  });

  test("leaves its id to another message once it has expired", async () => {
    const messageId = await failed({ ...large, retentionDays: 1 });
    await erase(messageId);
    service.advance((await found(messageId)).ttl * 1000 - service.now());

    const { status } = await service.submit(requestOf(messageId, large));
    await attempt(messageId, { status: 200 });

    expect(status).toBe(202);
    expect(await found(messageId)).toMatchObject({ status: "COMPLETED" });
    expect((await found(messageId)).erasedAt).toBeUndefined();
  });

  test.each(sizes)("is not replayed, if it was %s", async (_size, members) => {
    const messageId = await failed(members);
    await erase(messageId);
    const before = await itemsOf(messageId);

    const { status, json } = await replay(messageId);
    const why = await service.request(`/v1/messages/${messageId}/why`);

    expect([status, json.code]).toEqual([409, "INVALID_STATE"]);
    expect(json.detail).toBe("The message is FAILED. Its content was erased.");
    expect(why.json.canDo).toEqual([]);
    expect(await itemsOf(messageId)).toEqual(before);
    expect(receiver.of(messageId)).toHaveLength(1);
  });
});

describe("A replay at the same time as an erasure", () => {
  test.each(sizes)("that is faster is delivered whole, if it is %s", async (_size, members) => {
    const messageId = await failed(members);
    service.faults.before("UpdateItem", () => replay(messageId));

    const { status, json } = await erase(messageId);
    await attempt(messageId, { status: 200 }, 2);

    expect([status, json.code]).toEqual([409, "INVALID_STATE"]);
    const [, second] = receiver.of(messageId);
    expect(JSON.parse(String(second?.body))).toEqual(members.body);
    expect(second?.headers).toMatchObject({ "x-name": canary, cookie: canary });
  });

  test.each(sizes)("that is slower sends nothing, if it is %s", async (_size, members) => {
    const messageId = await failed(members);
    service.faults.before("UpdateItem", () => erase(messageId));

    const { status, json } = await replay(messageId);

    expect([status, json.code]).toEqual([409, "INVALID_STATE"]);
    expect(await found(messageId)).toMatchObject({ status: "FAILED" });
    expect(await isStored(messageId)).toBe(false);
    expect(service.recordsOf(messageId).filter((record) => record.attempt === 2)).toEqual([]);
  });

  test("does not keep the content, though it extends how long it is kept just before it is removed", async () => {
    const messageId = await failed(large);
    const seen = await found(messageId);
    const never = async () => {
      throw new Error("Nothing is to be sent");
    };
    const { messages, attempts, storage } = service;
    const stores = { messages, attempts, payloads: payloads(), actions: actionStore(storage) };
    const deps = { ...stores, clock: service.now, ...options };
    const slow = { random: () => 0.5, token: () => "token-of-a-replay" };
    const outside = { queue: { send: never, sendAll: never }, chance: slow };
    const log = { line: () => {}, failure: () => {} };
    let slower: unknown;
    service.advance(minuteMs);
    service.faults.before("DeleteItem", async () => {
      // It saw the message before the mark.
      slower = await replayMessage({ ...deps, ...outside, log }, seen).catch((error) => error);
    });

    const { status } = await erase(messageId);

    expect(status).toBe(200);
    expect(slower).toMatchObject({
      ...{ code: "INVALID_STATE", message: "The message is FAILED. Its content was erased." },
    });
    expect(await isStored(messageId)).toBe(false);
  });
});

describe("A crash", () => {
  const error = awsError("AccessDeniedException");
  const expectFinished = async (messageId: string, erasedAt: number): Promise<void> => {
    service.advance(minuteMs);

    const { status, json } = await erase(messageId);

    expect([status, json.erasedAt]).toEqual([200, iso(erasedAt)]);
    expect(await isStored(messageId)).toBe(false);
  };

  test("before the mark leaves everything as it was", async () => {
    const messageId = await failed(large);
    const before = await itemsOf(messageId);
    service.faults.inject({ command: "UpdateItem", when: "before", error });

    const { status } = await erase(messageId);
    service.faults.clear();

    expect(status).toBe(503);
    expect(await itemsOf(messageId)).toEqual(before);
  });

  test.each([
    ["the payload is removed", "DeleteItem", /./],
    ["the responses are removed", "UpdateItem", /attempt_1/],
    ["it is read what there is to remove", "Query", /./],
  ])(
    "before %s leaves what nobody is shown, and the next request removes it",
    async (_what, command, key) => {
      const messageId = await failed(large);
      const on = (input: object): boolean => key.test(JSON.stringify(input));
      service.faults.inject({ command, when: "before", error, on });

      const { status } = await erase(messageId);
      service.faults.clear();

      const erasedAt = service.now();
      expect(status).toBe(503);
      expect(await found(messageId)).toMatchObject({ erasedAt });
      expect([await isStored(messageId), await isShown(messageId)]).toEqual([true, false]);
      expect((await replay(messageId)).json.code).toBe("INVALID_STATE");
      await expectFinished(messageId, erasedAt);
    },
  );

  test("whose mark has lost its answer is finished by the same request", async () => {
    const messageId = await failed(large);
    const lost = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    service.faults.inject({ command: "UpdateItem", when: "after", error: lost, times: 1 });

    const { status } = await erase(messageId);

    expect(status).toBe(200);
    expect(await isStored(messageId)).toBe(false);
  });

  test("of a repeat that has stored the payload again is mended by the next erasure", async () => {
    const messageId = await failed(large);
    await erase(messageId);
    const erasedAt = service.now();
    service.advance(minuteMs);
    service.faults.inject({ command: "DeleteItem", when: "before", error });

    const { status } = await service.submit(requestOf(messageId, large));
    service.faults.clear();

    expect(status).toBe(503);
    expect([await isStored(messageId), await isShown(messageId)]).toEqual([true, false]);
    await expectFinished(messageId, erasedAt);
  });
});

test("An answer that comes to an overtaken holder after the erasure is not kept", async () => {
  const messageId = await submitted({ ...small, retry: { maxAttempts: 1 } });
  let erased: Awaited<ReturnType<typeof erase>> | undefined;

  await attempt(messageId, async () => {
    service.advance(3 * minuteMs);
    await service.dispatch();
    erased = await erase(messageId);
    return { ...gone, status: 503 };
  });

  expect([erased?.status, erased?.json.status]).toEqual([200, "FAILED"]);
  expect(await isStored(messageId)).toBe(false);
  const { json } = await service.request(`/v1/messages/${messageId}/attempts`);
  expect(json.attempts).toMatchObject([{ number: 1, outcome: "failed", status: 503 }]);
});

test("Content that is stored again each time it is removed is not said to be gone", async () => {
  const messageId = await failed(large);
  const seen = await found(messageId);
  let ttl = seen.ttl;
  const again = async (): Promise<void> => {
    ttl += 1;
    service.faults.before("DeleteItem", again);
    await payloads().put({ ...seen, ttl }, { body: Buffer.from(canary) });
  };
  service.faults.before("DeleteItem", again);

  const { status, json } = await erase(messageId);

  expect([status, json.code]).toEqual([503, "SYSTEM_ERROR"]);
});

describe("What belongs to a message that has taken the id meanwhile stays:", () => {
  test("its payload", async () => {
    const messageId = await failed(large);
    const seen = await found(messageId);
    const body = Buffer.from("of another message");
    service.faults.before("DeleteItem", async () => {
      service.advance(seen.ttl * 1000 - service.now());
      const ttl = seen.ttl + 86_400;
      await payloads().put({ ...seen, ttl }, { body });
      await service.messages.submit({ ...seen, ttl, createdAt: service.now(), submitId: "other" });
    });

    await erase(messageId);

    expect((await payloads().get(seen))?.body).toEqual(new Uint8Array(body));
  });

  test("its payload, if the message itself is still to come", async () => {
    const messageId = await failed(large);
    const seen = await found(messageId);
    const body = Buffer.from("of another message");
    service.faults.before("DeleteItem", async () => {
      service.advance(seen.ttl * 1000 - service.now());
      await payloads().put({ ...seen, ttl: seen.ttl + 86_400 }, { body });
    });

    await erase(messageId);

    expect((await payloads().get(seen))?.body).toEqual(new Uint8Array(body));
  });

  test("its responses", async () => {
    const messageId = await failed(small);
    const [attemptOf] = await service.attempts.of(await found(messageId));
    if (!attemptOf) throw new Error("The attempt is not stored");
    const other = { ...attemptOf, submitId: "another", responseText: "of another message" };
    // The mark is the first write, and the removal the second.
    service.faults.before("UpdateItem", async () => {
      service.faults.before("UpdateItem", () => service.attempts.record(other));
    });

    await erase(messageId);

    const [item] = (await itemsOf(messageId)).filter(({ number }) => number === 1);
    expect(item?.["responseText"]).toBe("of another message");
  });
});

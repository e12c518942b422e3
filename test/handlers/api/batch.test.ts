/** A batch is so many submits by one request: each message is answered as if it was the only one. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { limits } from "../../../domain/limits.ts";
import type { Message } from "../../../domain/message.ts";
import { awsError } from "../../support/faults.ts";
import { openReceiver } from "../../support/receiver.ts";
import {
  aRequest,
  openService,
  type Service,
  sealedSecretOf,
  start,
} from "../../support/service.ts";

let service: Service;
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let ids = 0;
const anId = (): string => `batch-${++ids}`;
const severalIds = (count: number): readonly string[] => Array.from({ length: count }, anId);

beforeAll(async () => {
  service = await openService();
  receiver = await openReceiver();
});
afterEach(() => service.faults.clear());
afterAll(async () => {
  receiver.close();
  await service.close();
});

const post = (body: RequestInit["body"], key = service.apiKey) =>
  service.request(
    "/v1/messages/batch",
    { method: "POST", headers: { "content-type": "application/json" }, body } as RequestInit,
    key,
  );
const submitAll = (messages: readonly unknown[]) => post(JSON.stringify({ messages }));
const requestsOf = (messageIds: readonly string[], members = {}) =>
  messageIds.map((messageId) => aRequest({ messageId, ...members }));

/** What is said of a result: its status, or the code of its problem. */
type Result = { status?: string; duplicate?: boolean; problem?: { code: string; issues?: [] } };
const words = ({ status, duplicate, problem }: Result): string =>
  problem?.code ?? `${status}${duplicate ? " again" : ""}`;
const wordsOf = ({ json }: { json: { results: readonly Result[] } }): readonly string[] =>
  json.results.map(words);

const statusesOf = (messageIds: readonly string[]) =>
  Promise.all(messageIds.map(async (messageId) => (await service.get(messageId))?.status));

const denied = awsError("AccessDeniedException");
const isFor =
  (messageId: string) =>
  (input: object): boolean =>
    JSON.stringify(input).includes(`messageId_${messageId}`);

describe("Each message of a batch", () => {
  /** A kind of message: what is submitted of it before, and in the batch. */
  const kinds: Readonly<Record<string, { before?: object; given: unknown }>> = {
    "a new one": { given: {} },
    "a large one": { given: { headers: { "x-a": "1" }, body: "x".repeat(3000) } },
    "one that is due in an hour": { given: { deliverAt: "2026-03-01T13:00:00Z" } },
    "a repeat": { before: {}, given: {} },
    "other content under a known id": { before: {}, given: { body: "other" } },
    "one of another sender": { given: { senderId: "bakery" } },
    "one with several faults": { given: { targetUrl: "http://10.0.0.1", method: "X", other: 1 } },
    "one without members": { given: { messageId: undefined, senderId: undefined } },
    "one whose id is none": { given: { messageId: "a b" } },
    "one whose body is too large": { given: { body: "x".repeat(limits.bodyBytesMax + 1) } },
    "one whose time is over": { given: { giveUpAt: "2026-03-01T11:00:00Z" } },
    "no object": { given: null },
    "a list": { given: [] },
  };
  const submitOf = (given: unknown, messageId: string): unknown =>
    typeof given === "object" && given !== null && !Array.isArray(given)
      ? aRequest({ messageId, ...given })
      : given;
  /** What is the same of two messages that differ in their ids. */
  const withoutId = (result: object, messageId: string) =>
    JSON.parse(JSON.stringify(result).replaceAll(messageId, "ID"));

  test("is answered as a submit of its own would be, in the order given", async () => {
    const all = Object.values(kinds);
    const results: unknown[] = [];
    const expected: unknown[] = [];
    // One request takes ten.
    for (const some of [all.slice(0, 7), all.slice(7)]) {
      const messageIds = severalIds(some.length);
      for (const [index, { before }] of some.entries())
        if (before) await service.submit(aRequest({ messageId: messageIds[index], ...before }));

      const { status, json } = await submitAll(
        some.map(({ given }, index) => submitOf(given, messageIds[index] ?? "")),
      );

      expect(status).toBe(200);
      results.push(
        ...json.results.map((result: { problem?: object }, index: number) =>
          withoutId(result.problem ?? result, messageIds[index] ?? ""),
        ),
      );
    }
    for (const { before, given } of all) {
      const messageId = anId();
      if (before) await service.submit(aRequest({ messageId, ...before }));
      const { json } = await service.submit(submitOf(given, messageId) as object);
      expected.push(withoutId(json, messageId));
    }

    expect(results).toEqual(expected);
    expect(new Set(results.map((result) => words(result as Result))).size).toBeGreaterThan(3);
  });

  test("is named by its id where it is refused, if that is one", async () => {
    const [known, ...others] = severalIds(2);
    await service.submit(aRequest({ messageId: known }));

    const { json } = await submitAll([
      ...requestsOf([known ?? "", ...others], { body: 2, timeoutMs: 0 }),
      aRequest({ messageId: known, body: 2 }),
      ...[aRequest({ messageId: "a b" }), aRequest({ messageId: 5 }), "order-1", null],
    ]);

    const named = json.results.map((result: { messageId?: string }) => result.messageId);
    expect(named).toEqual([known, ...others, known, undefined, undefined, undefined, undefined]);
    expect(json.results[0]).toEqual({ messageId: known, problem: expect.anything() });
    expect(json.results.at(-1)).toEqual({ problem: expect.anything() });
  });

  test("is delivered with the bytes that stand in the request", async () => {
    const bodies = [
      '{ "a" : 10.00 }',
      "[1,\n\t2]",
      '"\\u00e9"',
      "12345678901234567890",
      '{"messages":[{"body":1}]}',
    ];
    const messageIds = severalIds(bodies.length);
    const targetUrl = `${receiver.url}/hook`;
    const texts = bodies.map((body, index) =>
      JSON.stringify(aRequest({ messageId: messageIds[index], targetUrl, body: "%" })).replace(
        '"%"',
        body,
      ),
    );

    const answer = await post(` {"messages" :\n[ ${texts.join(" ,\t")} ] }`);
    await service.work(...messageIds.flatMap(service.recordsOf));

    expect(wordsOf(answer)).toEqual(bodies.map(() => "QUEUED"));
    const received = messageIds.map((id) => receiver.of(id).map(({ body }) => body.toString()));
    expect(received).toEqual(bodies.map((body) => [body === '"\\u00e9"' ? "é" : body]));
  });

  test("has a line of its own in the log, and is counted by itself", async () => {
    const [first = "", second = "", third = ""] = severalIds(3);
    await service.submit(aRequest({ messageId: second }));
    const lines = service.lines.length;
    const counts = ["MessagesAccepted", "MessagesRepeated", "MessagesRefused"] as const;
    const counted = () => counts.map((name) => service.counts.get(name) ?? 0);
    const before = counted();

    await submitAll([...requestsOf([first, second]), aRequest({ messageId: third, method: "X" })]);

    const line = { event: "submit", senderId: "shop", keyId: expect.any(String), durationMs: 0 };
    const of = { targetHost: "127.0.0.1:8080", bodyBytes: 11, status: "QUEUED" };
    expect(service.lines.slice(lines)).toEqual([
      {
        ...{ ...line, ...of, messageId: first, duplicate: false },
        transitions: [
          { verb: "submit", from: undefined, to: "PENDING" },
          { verb: "enqueue", from: "PENDING", to: "QUEUED" },
        ],
      },
      { ...line, ...of, messageId: second, duplicate: true, transitions: [] },
      { ...line, problem: "VALIDATION_ERROR", transitions: [] },
    ]);
    expect(counted().map((count, index) => count - (before[index] ?? 0))).toEqual([1, 1, 1]);
  });

  test("lists its share of the faults that one request may list", async () => {
    const headers = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`x y ${n}`, "1"]));
    const faulty = requestsOf(severalIds(10), { headers });

    const ten = await submitAll(faulty);
    const one = await submitAll(faulty.slice(0, 1));

    const counts = (answer: Awaited<ReturnType<typeof post>>) =>
      answer.json.results.map(({ problem }: Result) => problem?.issues?.length);
    expect(counts(ten)).toEqual(Array(10).fill(10));
    expect(counts(one)).toEqual([50]);
    expect(ten.json.results[0].problem.detail).toBe("The request has 50 faults.");
  });

  test("has the defaults of its sender", async () => {
    const [senderId, messageId] = ["patient", anId()];
    const signingSecrets = [sealedSecretOf(senderId)] as const;
    await service.senders.create({ senderId, createdAt: start, timeoutMs: 1234, signingSecrets });
    const key = await service.senderWithKey(senderId);

    await post(JSON.stringify({ messages: [aRequest({ messageId, senderId })] }), key);

    expect(await service.get(messageId, senderId)).toMatchObject({ timeoutMs: 1234 });
  });
});

describe("Two messages of a batch with one id", () => {
  test("are two submits in their order: a repeat, and a conflict", async () => {
    const [messageId = "", other = ""] = severalIds(2);
    const one = aRequest({ messageId });

    for (let round = 0; round < 5; round += 1) {
      const again = round === 0 ? "" : " again";
      const answer = await submitAll([
        { ...one, method: "X" },
        one,
        aRequest({ messageId: other }),
        { ...one, body: "other" },
        one,
      ]);

      expect(wordsOf(answer)).toEqual([
        "VALIDATION_ERROR",
        `QUEUED${again}`,
        `QUEUED${again}`,
        "MESSAGE_CONFLICT",
        "QUEUED again",
      ]);
    }
    expect(service.recordsOf(messageId)).toHaveLength(1);
  });

  test("of which the first is not stored leave the id to the second", async () => {
    const messageId = anId();
    service.faults.inject({
      ...{ command: "PutItem", when: "before", error: denied, times: 1 },
      on: isFor(messageId),
    });

    const answer = await submitAll([
      aRequest({ messageId, body: "first" }),
      aRequest({ messageId, body: "second" }),
    ]);

    expect(wordsOf(answer)).toEqual(["SYSTEM_ERROR", "QUEUED"]);
    expect(Buffer.from((await service.get(messageId))?.body ?? []).toString()).toBe("second");
  });
});

describe("The records of a batch", () => {
  test("are sent by one call, those that are due later by the dispatcher", async () => {
    const messageIds = severalIds(10);
    const later = aRequest({ messageId: messageIds[9], deliverAt: "2026-03-01T13:00:00Z" });
    const before = service.faults.calls.length;

    const answer = await submitAll([...requestsOf(messageIds.slice(0, 9)), later]);

    expect(wordsOf(answer)).toEqual([...Array(9).fill("QUEUED"), "PENDING"]);
    const calls = service.faults.calls.slice(before);
    expect(calls.filter((call) => call.startsWith("Send"))).toEqual(["SendMessageBatch"]);
    expect(messageIds.map((id) => service.recordsOf(id).length)).toEqual([...Array(9).fill(1), 0]);
  });

  test("are sent with the delay of each", async () => {
    const [soon = "", now = ""] = severalIds(2);

    await submitAll([
      aRequest({ messageId: soon, deliverAt: "2026-03-01T12:01:00Z" }),
      aRequest({ messageId: now }),
    ]);

    const [sent] = service.faults.inputs("SendMessageBatch").slice(-1);
    const entries = sent?.["Entries"] as readonly { DelaySeconds: number }[];
    expect(entries.map(({ DelaySeconds }) => DelaySeconds)).toEqual([60, 0]);
  });

  test("are not asked for if there is none", async () => {
    const messageIds = severalIds(2);
    await submitAll(requestsOf(messageIds));
    const before = service.faults.calls.length;

    await submitAll(requestsOf(messageIds));

    const calls = service.faults.calls.slice(before);
    expect(calls.filter((call) => call.startsWith("Send"))).toEqual([]);
  });

  test("that the queue did not take leave their message PENDING, and no other", async () => {
    const messageIds = severalIds(3);
    const [, refused = ""] = messageIds;
    service.faults.alter("SendMessageBatch", (output: { Successful: { Id: string }[] }) => ({
      Successful: output.Successful.filter(({ Id }) => Id !== "1"),
    }));

    const answer = await submitAll(requestsOf(messageIds));

    expect(wordsOf(answer)).toEqual(["QUEUED", "SYSTEM_ERROR", "QUEUED"]);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    expect(await statusesOf(messageIds)).toEqual(["QUEUED", "PENDING", "QUEUED"]);
    expect(answer.json.results[1]).toEqual({
      messageId: refused,
      problem: {
        type: "urn:postrider:problem:system-error",
        title: "Postrider cannot do this right now",
        status: 503,
        code: "SYSTEM_ERROR",
        detail: "Something on our side did not answer. Repeating the same request is safe.",
      },
    });
    expect(wordsOf(await submitAll(requestsOf(messageIds)))).toEqual(Array(3).fill("QUEUED again"));
  });

  test("that are not sent take back the mark that another request has made", async () => {
    const messageIds = severalIds(2);
    const [first = ""] = messageIds;
    service.faults.before("SendMessageBatch", async () => {
      const message = (await service.get(first)) as Message;
      await service.messages.enqueue(message, { now: service.now(), seen: message });
    });
    service.faults.inject({ command: "SendMessageBatch", when: "before", error: denied });

    const answer = await submitAll(requestsOf(messageIds));

    expect(wordsOf(answer)).toEqual(["SYSTEM_ERROR", "SYSTEM_ERROR"]);
    expect(await statusesOf(messageIds)).toEqual(["PENDING", "PENDING"]);
  });

  test("that a worker handles before the mark do not lose what it did", async () => {
    const [messageId = "", other = ""] = severalIds(2);
    const targetUrl = `${receiver.url}/hook`;
    service.faults.before("UpdateItem", () =>
      service.work({ v: 1, senderId: "shop", messageId, attempt: 1 }),
    );

    const answer = await submitAll(requestsOf([messageId, other], { targetUrl }));

    expect(wordsOf(answer)).toEqual(["COMPLETED", "QUEUED"]);
  });
});

describe("A fault of ours", () => {
  test.each([
    ["is not stored", "PutItem", undefined],
    ["cannot be marked", "UpdateItem", "PENDING"],
  ])("with one message, which %s, is that message's alone", async (_what, command, status) => {
    const messageIds = severalIds(3);
    const [, failing = ""] = messageIds;
    const failures = service.failures.length;
    const errors = service.counts.get("SystemErrors") ?? 0;
    service.faults.inject({ command, on: isFor(failing), when: "before", error: denied });

    const answer = await submitAll(requestsOf(messageIds));
    service.faults.clear();

    expect(answer.status).toBe(200);
    expect(wordsOf(answer)).toEqual(["QUEUED", "SYSTEM_ERROR", "QUEUED"]);
    expect(await statusesOf(messageIds)).toEqual(["QUEUED", status, "QUEUED"]);
    expect(service.failures.slice(failures)).toEqual([
      expect.objectContaining({
        what: "request failed",
        fields: { senderId: "shop", messageId: failing },
      }),
    ]);
    expect(service.counts.get("SystemErrors")).toBe(errors + 1);
    const again = await submitAll(requestsOf(messageIds));
    expect(wordsOf(again)).toEqual([
      "QUEUED again",
      status === undefined ? "QUEUED" : "QUEUED again",
      "QUEUED again",
    ]);
    expect(again.headers.has("retry-after")).toBe(false);
  });

  test("with all messages is answered 200 with a problem for each", async () => {
    const messageIds = severalIds(10);
    service.faults.inject({ command: "PutItem", when: "before", error: denied });

    const answer = await submitAll(requestsOf(messageIds));

    expect(answer.status).toBe(200);
    expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    expect(wordsOf(answer)).toEqual(Array(10).fill("SYSTEM_ERROR"));
  });
});

describe("A batch", () => {
  const one = () => aRequest({ messageId: anId() });
  const inText = (text: string) => text.replaceAll("%", JSON.stringify(one()));

  test.each([
    ["a list", "[%]", [[[], "must be an object"]]],
    ["a text", '"a"', [[[], "must be an object"]]],
    ["without messages", "{}", [[["messages"], "is required"]]],
    ["of no messages", '{"messages":[]}', [[["messages"], "must have at least 1 entry"]]],
    ["of one message", '{"messages":%}', [[["messages"], "must be an array"]]],
    [
      "of eleven messages",
      `{"messages":[${Array(11).fill("%").join()}]}`,
      [[["messages"], "must have at most 10 entries"]],
    ],
    [
      "with other members",
      '{"a":1,"messages":[%],"body":{}}',
      [
        [["a"], "is not a known member"],
        [["body"], "is not a known member"],
      ],
    ],
    [
      "that gives its messages twice",
      '{"messages":[%],"\\u006dessages":[%]}',
      [[["messages"], "is given more than once"]],
    ],
  ])("%s is refused as a whole", async (_what, text, issues) => {
    const [lines, calls] = [service.lines.length, service.faults.calls.length];

    const { status, json } = await post(inText(text));

    expect([status, json.code]).toEqual([400, "VALIDATION_ERROR"]);
    expect(json.issues).toEqual(issues.map(([path, message]) => ({ path, message })));
    expect(service.faults.calls).toHaveLength(calls);
    expect(service.lines.slice(lines)).toEqual([
      expect.objectContaining({ event: "submit", senderId: "shop", problem: "VALIDATION_ERROR" }),
    ]);
  });

  test("that is not JSON is refused as a whole", async () => {
    const { json } = await post('{"messages":[');

    expect(json.issues).toEqual([
      { path: [], message: expect.stringMatching(/^is not JSON \(RFC 8259\), at character 13$/) },
    ]);
  });

  test("is read only from who may submit", async () => {
    const reader = await service.senderWithKey("shop", { scopes: ["messages:read"] });
    const text = JSON.stringify({ messages: [one()] });

    const answers = [await post(text, "prk_none"), await post(text, reader)];

    expect(answers.map(({ status }) => status)).toEqual([401, 403]);
  });

  test("has to be declared as JSON", async () => {
    const { status } = await service.request("/v1/messages/batch", { method: "POST", body: "{}" });

    expect(status).toBe(415);
  });

  test("has at most 4 MiB, and so ten bodies of the largest size", async () => {
    const messages = requestsOf(severalIds(10), { body: "x".repeat(limits.bodyBytesMax) });
    const text = JSON.stringify({ messages });

    const fitting = await post(text.padEnd(limits.batchRequestBytesMax));
    const larger = await post(text.padEnd(limits.batchRequestBytesMax + 1));

    expect(wordsOf(fitting)).toEqual(Array(10).fill("QUEUED"));
    expect([larger.status, larger.json.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    expect(larger.json.detail).toBe("The request is larger than 4194304 bytes.");
  });

  test("has no id of its own: a message may have its name", async () => {
    await service.submit(aRequest({ messageId: "batch" }));

    const read = await service.request("/v1/messages/batch");

    expect([read.status, read.json.messageId]).toEqual([200, "batch"]);
  });
});

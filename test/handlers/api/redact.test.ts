/** What a sender has redacted is delivered as usual, and shown to nobody. */
import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type Answer, openReceiver } from "../../support/receiver.ts";
import { aRequest, openService, type Service } from "../../support/service.ts";

let service: Service;
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let answer: Answer = { status: 200 };
let ids = 0;

beforeAll(async () => {
  service = await openService();
  receiver = await openReceiver(() => answer);
});
afterEach(() => {
  answer = { status: 200 };
});
afterAll(async () => {
  receiver.close();
  await service.close();
});

const canary = "canary-of-a-person";
const headers = { "x-name": canary, "x-other": "1", cookie: canary };
const refusing: Answer = {
  status: 410,
  headers: { "content-type": "text/plain" },
  body: `Nobody knows ${canary}`,
};
const markerOf = (text: string): string =>
  `REDACTED:${createHash("sha256").update(text).digest("hex")}`;

const requestOf = (messageId: string, members: object) =>
  aRequest({ messageId, targetUrl: `${receiver.url}/hook`, headers, ...members });
/** A message that its target has refused, with a text. */
const refused = async (members: object): Promise<string> => {
  const messageId = `redact-${++ids}`;
  const { status } = await service.submit(requestOf(messageId, members));
  if (status !== 202) throw new Error(`The message is refused with ${status}`);
  answer = refusing;
  await service.work({ v: 1, senderId: "shop", messageId, attempt: 1 });
  return messageId;
};
const bodyOf = async (messageId: string) => {
  const headers = { authorization: `Bearer ${service.apiKey}` };
  const answered = await service.api.request(`/v1/messages/${messageId}/body`, { headers });
  return { status: answered.status, text: await answered.text() };
};
const viewsOf = async (messageId: string) => {
  const path = `/v1/messages/${messageId}`;
  const [message, attempts, ...others] = await Promise.all(
    [path, ...["attempts", "why", "history"].map((part) => `${path}/${part}`)]
      .concat("/v1/messages?limit=100")
      .map((each) => service.request(each)),
  );
  return { message, attempts, all: [message, attempts, ...others] };
};

describe("A message of which everything is redacted", () => {
  test("is delivered as it was submitted", async () => {
    const messageId = await refused({ redact: ["response", "body", "headers"], body: canary });

    const [seen] = receiver.of(messageId);
    expect(seen?.body.toString()).toBe(canary);
    expect(seen?.headers).toMatchObject(headers);
  });

  test.each([
    ["small", canary],
    ["large", `${canary}${"x".repeat(3000)}`],
  ])("is in no view, if it is %s", async (_size, body) => {
    const messageId = await refused({ redact: ["body", "headers", "response"], body });

    const { message, attempts, all } = await viewsOf(messageId);

    expect(all.map((each) => each?.status)).toEqual(all.map(() => 200));
    expect(all.map((each) => each?.text).join()).not.toContain(canary);
    expect((await bodyOf(messageId)).text).toBe(markerOf(body));
    expect(message?.json).toMatchObject({
      redact: ["body", "headers", "response"],
      headers: { "x-name": markerOf(canary), "x-other": markerOf("1"), cookie: "***" },
    });
    expect(attempts?.json.attempts).toMatchObject([
      { status: 410, responseText: markerOf(`Nobody knows ${canary}`) },
    ]);
  });

  test("leaves the answer of its target stored nowhere", async () => {
    const messageId = await refused({ redact: ["response"], headers: {}, body: "other" });

    expect(JSON.stringify(await service.table.scan())).toContain(messageId);
    const message = await service.get(messageId);
    const [attempt] = message ? await service.attempts.of(message) : [];
    expect(attempt?.responseText).toBe(markerOf(`Nobody knows ${canary}`));
  });
});

describe("A part that is not redacted", () => {
  test.each([
    [["headers"], { isHeader: false, isAnswer: true, isBody: true }],
    [["response"], { isHeader: true, isAnswer: false, isBody: true }],
    [["body"], { isHeader: true, isAnswer: true, isBody: false }],
    [[], { isHeader: true, isAnswer: true, isBody: true }],
  ])("is shown where these are: %j", async (redact, { isHeader, isAnswer, isBody }) => {
    const messageId = await refused({ redact, body: canary });

    const { message, attempts } = await viewsOf(messageId);

    expect(message?.json.headers["x-name"] === canary).toBe(isHeader);
    expect(attempts?.json.attempts[0].responseText === refusing.body).toBe(isAnswer);
    expect((await bodyOf(messageId)).text === canary).toBe(isBody);
    expect(message?.json.redact).toEqual(redact.length > 0 ? redact : undefined);
  });
});

test("An answer that an older version has stored is redacted when it is shown", async () => {
  const messageId = await refused({ redact: ["response"] });
  const message = await service.get(messageId);
  const [attempt] = message ? await service.attempts.of(message) : [];
  if (!attempt) throw new Error("The attempt is not stored");
  await service.attempts.record({ ...attempt, responseText: canary });

  const { attempts } = await viewsOf(messageId);

  expect(attempts?.json.attempts).toMatchObject([{ responseText: markerOf(canary) }]);
});

test.each([
  ["in another order", ["response", "headers"], 200],
  ["with one part less", ["headers"], 409],
  ["with one part more", ["body", "headers", "response"], 409],
  ["without any", undefined, 409],
])(
  "A submit with the parts to redact %s is a repeat only if they are the same",
  async (_how, redact, status) => {
    const messageId = await refused({ redact: ["headers", "response"] });

    const repeat = await service.submit(requestOf(messageId, { redact }));

    expect(repeat.status).toBe(status);
  },
);

test.each([
  [["title"], ["redact", 0], "must be one of body, headers, response"],
  [["body", 5], ["redact", 1], "must be one of body, headers, response"],
  [["body", "headers", "body"], ["redact", 2], "is given more than once"],
])("To redact %j is refused", async (redact, path, message) => {
  const { status, json } = await service.submit(requestOf("none", { redact }));

  expect([status, json.issues]).toEqual([400, [{ path, message }]]);
});

test("A message that is replayed stays redacted", async () => {
  const messageId = await refused({ redact: ["headers", "response"], body: "other" });
  await service.request(`/v1/messages/${messageId}/replay`, { method: "POST" });
  await service.work({ v: 1, senderId: "shop", messageId, attempt: 2 });

  const { attempts, all } = await viewsOf(messageId);

  expect(attempts?.json.attempts).toHaveLength(2);
  expect(all.map((each) => each?.text).join()).not.toContain(canary);
});

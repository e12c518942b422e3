/** Reading the body of a message: by its sender, as bytes, and never as a page of ours. */
import { expect, test } from "@jest/globals";
import { payloadStore } from "../../../entities/payload.ts";
import { aRequest, useService } from "../../support/service.ts";

const service = useService();
let ids = 0;

const submitted = async (members: object): Promise<string> => {
  const messageId = `body-${++ids}`;
  const { status } = await service.submit(aRequest({ messageId, body: undefined, ...members }));
  if (status !== 202) throw new Error(`The message is refused with ${status}`);
  return messageId;
};
const bodyOf = async (messageId: string, key = service.apiKey) => {
  const headers = { authorization: `Bearer ${key}` };
  const answered = await service.api.request(`/v1/messages/${messageId}/body`, { headers });
  const bytes = Buffer.from(await answered.arrayBuffer());
  return { status: answered.status, headers: answered.headers, bytes };
};
const steer = (messageId: string, method: string, part = "") =>
  service.request(`/v1/messages/${messageId}${part}`, { method });

const binary = Buffer.from([0, 255, 254, 10, 13, 0]);

test.each<[string, object, Buffer]>([
  ["JSON, as its text", { body: { order: 1 } }, Buffer.from('{"order":1}')],
  ["a text", { body: "Grüße" }, Buffer.from("Grüße")],
  ["bytes", { bodyBase64: binary.toString("base64") }, binary],
  ["large, and so stored apart", { body: "x".repeat(5000) }, Buffer.alloc(5000, "x")],
  ["empty", { body: "" }, Buffer.alloc(0)],
])("A body that is %s is answered byte for byte", async (_what, members, expected) => {
  const messageId = await submitted(members);

  const { status, bytes } = await bodyOf(messageId);

  expect([status, bytes.equals(expected)]).toEqual([200, true]);
});

test("A message without a body is answered 204", async () => {
  const messageId = await submitted({ method: "DELETE" });

  expect((await bodyOf(messageId)).status).toBe(204);
});

test("Nothing that a sender wrote is run by a browser: it is saved", async () => {
  const headers = { "content-type": "text/html" };
  const messageId = await submitted({ headers, body: "<script>alert(1)</script>" });

  const answered = await bodyOf(messageId);

  expect(Object.fromEntries(answered.headers)).toMatchObject({
    "content-type": "application/octet-stream",
    "content-disposition": "attachment",
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
});

test("A message that was erased has no body, also if a crash left it", async () => {
  const large = { body: "x".repeat(5000) };
  const [small, whole] = [await submitted({ body: "small" }), await submitted(large)];
  for (const messageId of [small, whole]) await steer(messageId, "POST", "/cancel");
  const stored = await service.get(whole);
  const payload = stored && (await payloadStore(service.storage).get(stored));
  for (const messageId of [small, whole]) await steer(messageId, "DELETE");
  if (!stored || !payload) throw new Error("The body is not stored apart");
  await payloadStore(service.storage).put(stored, payload);

  const answers = await Promise.all([bodyOf(small), bodyOf(whole)]);

  expect(answers.map(({ status }) => status)).toEqual([409, 409]);
  expect(answers.map(({ bytes }) => JSON.parse(bytes.toString()).detail)).toEqual([
    ...Array(2).fill("The message is CANCELLED. Its content was erased."),
  ]);
});

test("A body that is lost is said to be no longer stored", async () => {
  const messageId = await submitted({ body: "x".repeat(5000) });
  await payloadStore(service.storage).erase({ senderId: "shop", messageId });

  const { json, status } = await service.request(`/v1/messages/${messageId}/body`);

  expect([status, json.detail]).toEqual([
    ...[409, "The message is QUEUED. Its headers and body are no longer stored."],
  ]);
});

test("A key that may not read messages gets no body", async () => {
  const messageId = await submitted({ body: "secret" });
  const key = await service.senderWithKey("shop", { scopes: ["messages:write"] });

  const { status, bytes } = await bodyOf(messageId, key);

  expect([status, bytes.includes("secret")]).toEqual([403, false]);
});

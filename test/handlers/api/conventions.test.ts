/** What clients expect of an HTTP interface: Idempotency-Key, and ETag with If-None-Match. */
import { beforeEach, describe, expect, test } from "@jest/globals";
import { aRequest, useService } from "../../support/service.ts";

const service = useService();

let messageId = "";
let ids = 0;
beforeEach(() => {
  messageId = `conventions-${++ids}`;
});

describe("Idempotency-Key", () => {
  const submit = (key: string, members: Readonly<Record<string, unknown>> = {}) =>
    service.request("/v1/messages", {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify(aRequest({ messageId: undefined, ...members })),
    });

  test("names the message where the body does not", async () => {
    const { status, headers, json } = await submit(messageId);

    expect([status, json.messageId]).toEqual([202, messageId]);
    expect(headers.get("location")).toBe(`/v1/messages/${messageId}`);
  });

  test("and the same messageId name one message, however it is sent", async () => {
    await submit(messageId);

    const quoted = await submit(`"${messageId}"`);
    const both = await submit(messageId, { messageId });
    const asMember = await service.submit(aRequest({ messageId }));

    for (const { status, json } of [quoted, both, asMember])
      expect([status, json.duplicate, json.messageId]).toEqual([200, true, messageId]);
  });

  test("in quotes may have quotes and backslashes, each behind a backslash", async () => {
    const { json } = await submit(`"\\"${messageId}\\\\"`);

    expect(json.messageId).toBe(`"${messageId}\\`);
  });

  test.each<[string, string, Readonly<Record<string, unknown>>, readonly string[]]>([
    [
      "is another than messageId",
      "order-1",
      { messageId: "order-2" },
      ["is not the one that Idempotency-Key names"],
    ],
    [
      "comes with a messageId that is no text",
      "order-1",
      { messageId: null },
      ["must be a string", "is not the one that Idempotency-Key names"],
    ],
    [
      "has a space",
      "order 1",
      {},
      ["must be 1 to 128 characters of printable ASCII without spaces (and not . or ..)"],
    ],
    [
      "is empty",
      "",
      {},
      ["must be 1 to 128 characters of printable ASCII without spaces (and not . or ..)"],
    ],
    [
      "has a quote that does not end",
      '"order-1',
      { messageId: "order-1" },
      ["begins with a double quote in Idempotency-Key but is not a string of RFC 9651"],
    ],
  ])("that %s is refused, under the path of messageId", async (_name, key, members, messages) => {
    const { status, json } = await submit(key, members);

    expect([status, json.code]).toEqual([400, "VALIDATION_ERROR"]);
    expect(json.issues).toEqual(messages.map((message) => ({ path: ["messageId"], message })));
  });

  test("that is wrong is named together with every other fault", async () => {
    const { json } = await submit("order-1", { messageId: "order-2", timestamp: undefined });

    expect(json.issues.map(({ path }: { path: string[] }) => path.join())).toEqual([
      "timestamp",
      "messageId",
    ]);
  });
});

describe("The ETag of a message", () => {
  const read = (etag?: string) =>
    service.request(`/v1/messages/${messageId}`, {
      headers: etag === undefined ? {} : { "if-none-match": etag },
    });
  const etagNow = async (): Promise<string> => (await read()).headers.get("etag") ?? "";

  beforeEach(() => service.submit(aRequest({ messageId })));

  test("is weak, and whoever has it gets 304 without content", async () => {
    const etag = await etagNow();

    const { status, text, headers } = await read(etag);

    expect(etag).toMatch(/^W\/"[\w-]{27}"$/);
    expect([status, text]).toEqual([304, ""]);
    expect([headers.get("etag"), headers.get("cache-control")]).toEqual([etag, "no-store"]);
  });

  test.each<[string, (etag: string) => string]>([
    ["any", () => "*"],
    ["one of several", (etag) => `"another", ${etag}`],
    ["one that a proxy made strong", (etag) => etag.replace("W/", "")],
  ])("is known to a caller that names %s", async (_, named) => {
    expect((await read(named(await etagNow()))).status).toBe(304);
  });

  test("stays while only the time passes that `why` tells of", async () => {
    const before = await read();
    service.advance(3_600_000);

    const after = await read();

    expect(after.json.why).not.toBe(before.json.why);
    expect(after.headers.get("etag")).toBe(before.headers.get("etag"));
  });

  test("changes with the state", async () => {
    const etag = await etagNow();
    await service.request(`/v1/messages/${messageId}/cancel`, { method: "POST" });

    const { status, json } = await read(etag);

    expect([status, json.status]).toEqual([200, "CANCELLED"]);
  });

  test("brings nothing to whoever may not read the message", async () => {
    const etag = await etagNow();
    const other = await service.senderWithKey(`other-${messageId}`);

    const headers = { "if-none-match": etag };
    const { status } = await service.request(`/v1/messages/${messageId}`, { headers }, other);

    expect(status).toBe(404);
  });
});

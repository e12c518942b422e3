import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { command, commandOn } from "../../support/command.ts";
import { awsError } from "../../support/faults.ts";
import { openReceiver } from "../../support/receiver.ts";
import { aRequest, useService } from "../../support/service.ts";

const service = useService();
const postrider = commandOn(service);
let receiver: Awaited<ReturnType<typeof openReceiver>>;

beforeAll(async () => {
  receiver = await openReceiver(({ path }) => ({ status: path === "/down" ? 503 : 200 }));
});
afterAll(() => receiver.close());

const deliver = async (): Promise<void> => {
  await service.work(...service.queued());
  service.advance(60_000);
};

test.each([
  ['{"order":7}', "application/json"],
  ['{ "price": 10.00, "id": 12345678901234567890 }', "application/json"],
  ['"quoted"', "application/json"],
  ["just text", "text/plain; charset=utf-8"],
])("send delivers the body %s byte for byte as %s", async (body, type) => {
  const { code } = await postrider(["send", receiver.url, "--body-file", "-"], { input: body });
  await deliver();

  expect(code).toBe(0);
  expect(receiver.seen.at(-1)?.body.toString()).toBe(body);
  expect(receiver.seen.at(-1)?.headers["content-type"]).toBe(type);
});

test("send delivers bytes that are no text as they are", async () => {
  const bytes = Buffer.from([0xff, 0x00, 0xfe]);

  await postrider(["send", receiver.url, "--body-file=-"], { readInput: async () => bytes });
  await deliver();

  expect(receiver.seen.at(-1)?.body).toEqual(bytes);
});

test("send that meets a failure of the service ends with 1, and can be repeated", async () => {
  const error = awsError("InternalServerError", 500);
  service.faults.inject({ command: "PutItem", when: "before", error, times: 100 });

  const { code, err } = await postrider(["send", receiver.url, "--id", "again", "--json"]);

  expect(code).toBe(1);
  expect(JSON.parse(err).error).toMatchObject({ exitCode: 1, code: "SYSTEM_ERROR" });
});

test("send passes on id, method, headers and times, and says that a repeat is one", async () => {
  const args = ["send", `${receiver.url}/x`, "--id", "order-1", "--method", "put"];
  const all = [...args, "--header", "X-Order: 7", "--header", "x-b: c:d", "--deliver-at", "2h"];

  const first = await postrider([
    ...all,
    "--attempts",
    "3",
    "--give-up-at",
    "2026-03-05T12:00:00Z",
  ]);
  const again = await postrider([...all, "--attempts", "3"]);
  const { json } = await service.request("/v1/messages/order-1");

  expect(first).toMatchObject({ code: 0, out: "order-1  PENDING\n" });
  expect(json).toMatchObject({
    ...{ method: "PUT", headers: { "X-Order": "7", "x-b": "c:d" }, attemptsAllowed: 3 },
    ...{ giveUpAt: "2026-03-05T12:00:00.000Z" },
    notBefore: new Date(service.now() + 7_200_000).toISOString(),
  });
  expect(again.code).toBe(3);
  expect(again.err).toContain("Use another --id");
});

describe("send", () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const traceOfLast = async (): Promise<unknown> => {
    await deliver();
    const { headers } = receiver.seen.at(-1) ?? {};
    return [headers?.["traceparent"], headers?.["tracestate"]];
  };

  test("belongs to the trace of the environment", async () => {
    const environment = { TRACEPARENT: traceparent, TRACESTATE: "a=1" };

    await postrider(["send", receiver.url], { environment });

    expect(await traceOfLast()).toEqual([traceparent, "a=1"]);
  });

  test("belongs to the trace of its option in the first place, without any state", async () => {
    const environment = { TRACEPARENT: `${traceparent.slice(0, -1)}0`, TRACESTATE: "a=1" };

    await postrider(["send", receiver.url, "--traceparent", traceparent], { environment });

    expect(await traceOfLast()).toEqual([traceparent, undefined]);
  });

  test("belongs to none where what it is given is not valid", async () => {
    const environment = { TRACEPARENT: "line\nbreak", TRACESTATE: "a=1" };

    const { code } = await postrider(["send", receiver.url], { environment });

    expect([code, await traceOfLast()]).toEqual([0, [undefined, undefined]]);
  });
});

test("send --wait shows each attempt, and ends with 0 when the message is COMPLETED", async () => {
  const args = ["send", receiver.url, "--id", "good", "--wait"];

  const { code, out, err } = await postrider(args, { sleep: deliver });

  expect({ code, err }).toEqual({
    code: 0,
    err: "good  QUEUED\n· attempt 1  delivered 200 after 0 ms\n",
  });
  expect(out).toContain("good  COMPLETED\n");
});

test("send --wait ends with 4 when the message is FAILED, and says what to do", async () => {
  const args = ["send", `${receiver.url}/down`, "--id", "bad", "--attempts", "2", "--wait"];

  const { code, err } = await postrider(args, { sleep: deliver });

  expect(code).toBe(4);
  expect(err).toMatch(/\n· attempt 1 {2}failed 503.*\n· attempt 2 {2}failed 503.*\nbad is FAILED/);
  expect(err).toContain("postrider why bad");
});

test("send --json prints one object, and with --wait the message in the end", async () => {
  const sent = await postrider(["send", receiver.url, "--id", "j", "--json"]);
  const ended = await postrider(["send", receiver.url, "--id", "j", "--json", "--wait"], {
    sleep: deliver,
  });

  expect(JSON.parse(sent.out)).toMatchObject({ messageId: "j", duplicate: false });
  expect(JSON.parse(ended.out)).toMatchObject({ messageId: "j", status: "COMPLETED" });
  expect(sent.err + ended.err).toBe("");
});

test("send names every fault of its options at once, and sends nothing", async () => {
  const { code, err } = await command([
    ...["send", "https://example.com", "--method", "HEAD", "--header", "nothing"],
    ...["--deliver-at", "soon", "--attempts", "0", "--body", "a", "--body-file", "b"],
  ]);

  expect(code).toBe(2);
  expect(err.split("\n").slice(1, -2)).toEqual([
    "  --method: must be one of DELETE, GET, PATCH, POST, PUT",
    "  --header: must be such as 'x-order: 7'",
    expect.stringContaining("  --deliver-at: must be a time such as"),
    "  --attempts: must be a whole number from 1 to 50",
    "  --body-file: cannot be given together with --body",
  ]);
});

test("send without a known sender says how to name it", async () => {
  const { code, err } = await postrider(["send", receiver.url], {
    environment: { POSTRIDER_SENDER: "" },
  });

  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("--sender") });
});

test("get shows a message, and a missing one ends with 3", async () => {
  await postrider(["send", receiver.url, "--id", "shown", "--header", "authorization: s3cret"]);

  const found = await postrider(["get", "shown"]);
  const json = await postrider(["get", "shown", "--json"]);
  const missing = await postrider(["get", "none", "--json"]);

  expect(found.out).toContain("shown  QUEUED\n");
  expect(found.out + json.out).not.toContain("s3cret");
  expect(JSON.parse(json.out)).toMatchObject({ messageId: "shown" });
  expect(missing).toMatchObject({ code: 3, out: "" });
  expect(JSON.parse(missing.err).error).toMatchObject({ exitCode: 3, code: "NOT_FOUND" });
});

test("get shows what came of the latest attempts", async () => {
  await postrider(["send", `${receiver.url}/down`, "--id", "tried"]);
  await deliver();

  expect((await postrider(["get", "tried"])).out).toMatch(
    /^attempt 1 {2}failed 503 after \d+ ms$/m,
  );
});

describe("get --body", () => {
  const title = "\u001b]0;title\u0007";
  const body = Buffer.from([0, 255, ...Buffer.from(title)]);

  test("prints the bytes as they are, to be saved", async () => {
    await postrider(["send", receiver.url, "--id", "whole", "--body-file", "-"], {
      input: "two\nlines",
    });

    expect((await postrider(["get", "whole", "--body"])).out).toBe("two\nlines");
    expect(JSON.parse((await postrider(["get", "whole", "--body", "--json"])).out)).toEqual({
      ...{ messageId: "whole", bodyBase64: Buffer.from("two\nlines").toString("base64") },
    });
  });

  test("prints nothing on a terminal that it would obey", async () => {
    const messageId = "obeyed";
    await service.submit(
      aRequest({ messageId, body: undefined, bodyBase64: body.toString("base64") }),
    );

    const { out } = await postrider(["get", messageId, "--body"], { isTerminal: true });

    expect(out).not.toContain("\u001b");
    expect(out).toContain("title");
  });

  test("says that there is none", async () => {
    await service.submit(aRequest({ messageId: "none-there", method: "DELETE", body: undefined }));

    const { code, out, err } = await postrider(["get", "none-there", "--body"]);

    expect([code, out, err]).toEqual([0, "", "The message has no body.\n"]);
  });
});

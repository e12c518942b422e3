/** The lists of messages, and the page of one: what they show, and what they never do. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { hashApiKey, keyIdOf } from "../../domain/api-key.ts";
import { printable } from "../../domain/printable.ts";
import { openReceiver } from "../support/receiver.ts";
import { aRequest, useService } from "../support/service.ts";
import { textOf, type Viewer, viewerOf } from "../support/viewer.ts";

const service = useService();
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let viewer: Viewer;

/** What a sender and a target write to harm whoever looks. */
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\u0007`;

beforeAll(async () => {
  receiver = await openReceiver(() => ({
    ...{ status: 503, body: hostile },
    headers: { "content-type": "text/plain; charset=utf-8" },
  }));
  viewer = viewerOf(service.api);
  await viewer.signIn(service.apiKey);
});
afterAll(() => receiver.close());

const submitted = async (messageId: string, members: object = {}): Promise<void> => {
  const targetUrl = `${receiver.url}/hook`;
  const { status } = await service.submit(aRequest({ messageId, targetUrl, ...members }));
  if (status !== 202) throw new Error(`The message is refused with ${status}`);
};
const attempt = (messageId: string, number: number) =>
  service.work({ v: 1, senderId: "shop", messageId, attempt: number });

describe("The list", () => {
  test("that is empty teaches how to send the first message", async () => {
    const { html } = await viewer.get("/dashboard/messages");

    expect(html).toContain("shop has no messages yet");
    expect(textOf(html)).toContain("curl -s http://localhost/v1/messages");
  });

  test("has the filter of its address, and says what it lists", async () => {
    await submitted("waiting");
    await submitted("failing", { retry: { maxAttempts: 1 } });
    await attempt("failing", 1);

    const all = textOf((await viewer.get("/dashboard/messages")).html);
    const failed = textOf((await viewer.get("/dashboard/messages?status=FAILED")).html);
    const none = textOf((await viewer.get("/dashboard/messages?target=nowhere.example")).html);

    expect(all).toContain("waiting");
    expect(all).toContain("attempt 1 of 4 now");
    expect(failed).toContain("1 message with the status FAILED, newest first");
    expect(failed).toContain("answered 503; no attempt is left");
    expect(failed).not.toContain("waiting ");
    expect(none).toContain("No message to nowhere.example");
    expect(none).toContain("All messages that are kept were searched.");
  });

  test("keeps the reason that a link asks for, in a field to leave it by", async () => {
    const { html } = await viewer.get("/dashboard/messages?reason=attempts-exhausted");

    expect(textOf(html)).toContain("1 message FAILED because of attempts-exhausted, newest first");
    expect(html).toContain('<option value="attempts-exhausted" selected>');
  });

  test("names every fault of a filter", async () => {
    const { html, status } = await viewer.get("/dashboard/messages?status=LOST&from=yesterday");

    expect(status).toBe(200);
    expect(textOf(html)).toContain("status must be one of PENDING");
    expect(textOf(html)).toContain("from must be a time such as");
  });

  test("leads by an id to its message, and says if there is none", async () => {
    const found = await viewer.get("/dashboard/messages?id=waiting");
    const none = await viewer.get("/dashboard/messages?id=nothing");

    expect(found.path).toBe("/dashboard/messages/waiting");
    expect(none.status).toBe(404);
    expect(none.html).toContain("There is no message with this id");
  });

  test("goes on where its page ends", async () => {
    const { json } = await service.request("/v1/messages?limit=1");
    const { html } = await viewer.get(`/dashboard/messages?cursor=${json.nextCursor}`);

    expect(textOf(html)).toContain("1 message, newest first");
    expect(html).not.toContain(`/dashboard/messages/${json.items[0].messageId}"`);
  });
});

describe("A message", () => {
  test("says why it is where it is, with its attempts and what is next", async () => {
    await submitted("told", { headers: { authorization: "Bearer hidden", "x-order": "17" } });
    await attempt("told", 1);

    const { html } = await viewer.get("/dashboard/messages/told");
    const { json } = await service.request("/v1/messages/told/why");

    const text = textOf(html);
    expect(text).toContain(json.why);
    expect(text).toContain(json.next);
    expect(text).toContain("Attempt 1 ✕ failed answered 503");
    expect(html).toMatch(/<rect class="wait" x="[\d.]+%"/);
    expect(text).toContain("authorization ***");
    expect(text).toContain("x-order 17");
    expect(text).toContain("postrider why told");
    expect(text).toContain('-H "authorization: Bearer $POSTRIDER_KEY"');
    for (const secret of ["Bearer hidden", service.apiKey]) expect(html).not.toContain(secret);
  });

  test("of another sender is answered as one that is not there", async () => {
    await submitted("private");
    const other = viewerOf(service.api);
    await other.signIn(await service.senderWithKey("neighbour"));

    const answers = await Promise.all(
      ["private", "missing"].flatMap((messageId) => [
        other.ask(`/dashboard/messages/${messageId}`),
        other.ask(`/dashboard/messages/${messageId}/cancel`),
      ]),
    );

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect(answers[0]?.html).toBe(answers[2]?.html);
    expect(answers[1]?.html).toBe(answers[3]?.html);
  });

  test("shows what senders and targets write as text, and control characters by their numbers", async () => {
    const messageId = `x"><script>alert(1)</script>`;
    const targetUrl = `${receiver.url}/?<script>alert(1)</script>"onload="x`;
    await submitted(messageId, { targetUrl, headers: { "x-note": "<b>'\"&" } });
    await attempt(messageId, 1);
    const list = await viewer.get("/dashboard/messages");

    const [, path = ""] = /href="(\/dashboard\/messages\/~[^"]+)"/.exec(list.html) ?? [];
    const page = await viewer.get(path);
    const question = await viewer.get(`${path}/cancel`);

    expect(page.status).toBe(200);
    expect(textOf(page.html)).toContain("onerror=alert(1)>\\u202e\\u0007");
    for (const { html } of [list, page, question]) {
      expect(html).not.toMatch(/<script>|<img|\sonload=/);
      expect(printable(html)).toBe(html);
      expect(html).not.toContain(`href="${receiver.url}`);
    }
  });
});

describe("The body of a message", () => {
  const bodyOf = (messageId: string) => viewer.get(`/dashboard/messages/${messageId}/body`);

  test("is shown as text, and never as a part of the page", async () => {
    await submitted("body-hostile", { body: hostile, headers: { "content-type": "text/html" } });

    const { html } = await bodyOf("body-hostile");

    expect(html).not.toContain("<script>alert");
    expect(textOf(html)).toContain(printable(hostile).slice(0, 20));
    expect(textOf(html)).toContain("postrider get --body body-hostile");
  });

  test("is cut where it is long, and not in the middle of a character", async () => {
    await submitted("body-long", { body: `a${"ü".repeat(10_000)}` });

    const text = textOf((await bodyOf("body-long")).html);

    expect(text).toContain("20,001 bytes");
    expect(text).toContain("first 16,384 bytes");
    expect(text).not.toContain("\ufffd");
    expect(text.match(/ü/g)).toHaveLength(8191);
  });

  test("that is no text is said to be none", async () => {
    await submitted("body-bytes", { body: undefined, bodyBase64: "//79/A==" });

    expect(textOf((await bodyOf("body-bytes")).html)).toContain("It is not text.");
  });

  test("that is redacted is a marker, and that was erased is gone", async () => {
    await submitted("body-redacted", { body: "canary", redact: ["body"] });
    await submitted("body-erased", { body: "canary" });
    for (const [path, method] of [
      ["/cancel", "POST"],
      ["", "DELETE"],
    ] as const)
      await service.request(`/v1/messages/body-erased${path}`, { method });

    const [redacted, erased] = [await bodyOf("body-redacted"), await bodyOf("body-erased")];
    const page = await viewer.get("/dashboard/messages/body-erased");

    expect(textOf(redacted.html)).toContain("REDACTED:");
    expect(textOf(erased.html)).toContain("Its content was erased.");
    expect(redacted.html + erased.html).not.toContain("canary");
    expect(page.html).not.toContain("Show the body");
  });

  test("is nobody's but the sender's", async () => {
    const other = viewerOf(service.api);
    await other.signIn(await service.senderWithKey("other"));

    const { status, html } = await other.get("/dashboard/messages/body-hostile/body");

    expect([status, html.includes("alert(1)")]).toEqual([404, false]);
  });
});

describe("An action", () => {
  const entries = async (messageId: string) => {
    const { json } = await service.request(`/v1/messages/${messageId}/history`);
    const events: readonly { kind: string }[] = json.events;
    return events.filter(({ kind }) => kind === "action");
  };

  test.each([
    ["cancel", "The message is CANCELLED."],
    ["send-now", "The next attempt is made now."],
  ])(
    "asks first, does it by the key of the viewer, and tells of it once: %s",
    async (action, told) => {
      const messageId = `act-${action}`;
      const deliverAt = new Date(service.now() + 3_600_000).toISOString();
      await submitted(messageId, { deliverAt });
      const keyId = keyIdOf(hashApiKey(service.apiKey));
      const page = await viewer.get(`/dashboard/messages/${messageId}`);
      const path = `/dashboard/messages/${messageId}/${action}`;

      const question = await viewer.get(path);
      const before = await entries(messageId);
      const done = await viewer.send(question, path);

      expect(page.html).toContain(`href="${path}"`);
      expect(before).toEqual([]);
      expect(await entries(messageId)).toMatchObject([{ action, refused: false, by: { keyId } }]);
      expect(done.path).toBe(`/dashboard/messages/${messageId}`);
      expect(done.html).toContain(told);
      expect((await viewer.get(done.path)).html).not.toContain('class="flash');
    },
  );

  test("of a replay takes attempts and a time, and every fault of them is told", async () => {
    await submitted("again", { retry: { maxAttempts: 1 } });
    await attempt("again", 1);
    const path = "/dashboard/messages/again/replay";
    const question = await viewer.get(path);

    const refused = await viewer.send(question, path, {
      attempts: "99",
      deliverAt: "2031-01-01T00:00",
    });
    const done = await viewer.send(question, path, {
      attempts: "2",
      deliverAt: "2026-03-02T12:00",
    });

    const text = textOf(refused.html);
    expect(text).toContain("attempts must be at most 50");
    expect(text).toContain("deliverAt must be at most 30 days ahead");
    expect(done.html).toContain("The message is sent again. This is replay 1.");
    expect(await service.get("again")).toMatchObject({
      ...{ attemptsAllowed: 3, notBefore: Date.parse("2026-03-02T12:00:00Z") },
    });
  });

  test("that the state does not allow any more changes nothing, and says why", async () => {
    await submitted("late", { retry: { maxAttempts: 1 } });
    const question = await viewer.get("/dashboard/messages/late/cancel");
    await attempt("late", 1);

    const refused = await viewer.send(question, "/dashboard/messages/late/cancel");

    expect(refused.html).toContain('class="flash refused" role="alert"');
    expect(await service.get("late")).toMatchObject({ status: "FAILED" });
  });

  test("erases the content, after which nothing of it is shown", async () => {
    await submitted("gone", { retry: { maxAttempts: 1 }, headers: { "x-note": "personal" } });
    await attempt("gone", 1);
    const path = "/dashboard/messages/gone/erase";

    const done = await viewer.send(await viewer.get(path), path);

    expect(done.html).toContain("The content of the message is erased.");
    expect(done.html).not.toContain("personal");
    expect(done.html).not.toContain("onerror");
  });

  test("is not offered to a key that may only read, and is refused to it", async () => {
    const reader = viewerOf(service.api);
    const key = await service.senderWithKey("reading", { scopes: ["messages:read"] });
    await reader.signIn(key);
    await service.submit(
      aRequest({ messageId: "read", senderId: "reading" }),
      await service.senderWithKey("reading"),
    );
    const path = "/dashboard/messages/read/cancel";

    const page = await reader.get("/dashboard/messages/read");
    const refused = await reader.send(await reader.get(path), path);

    expect(page.html).not.toContain(`href="${path}"`);
    expect(page.html).toContain("Your key may read messages and not change them.");
    expect(refused.html).toContain("does not have the scope messages:write");
  });
});

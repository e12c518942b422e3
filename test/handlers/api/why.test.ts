/** The explanation of a message, as its sender is given it. */
import { describe, expect, test } from "@jest/globals";
import { aRequest, useService } from "../../support/service.ts";

const secondMs = 1000;
const iso = (ms: number): string => new Date(ms).toISOString();

const service = useService();
let ids = 0;

const submitted = async (members: Readonly<Record<string, unknown>> = {}): Promise<string> => {
  const messageId = `why-${++ids}`;
  const { status } = await service.submit(aRequest({ messageId, ...members }));
  if (status !== 202) throw new Error(`The message is refused with ${status}`);
  return messageId;
};
const whyOf = (segment: string, key?: string) =>
  service.request(`/v1/messages/${segment}/why`, {}, key);

describe("Why", () => {
  test("says what came of the last attempt, what is next and when, and what can be done", async () => {
    const messageId = await submitted({ targetUrl: "https://unknown.example/a?token=secret" });
    await service.work({ v: 1, senderId: "shop", messageId, attempt: 1 });
    const nextAt = iso(service.now() + 5 * secondMs);
    service.advance(secondMs);

    const { status, json } = await whyOf(messageId);
    const message = await service.request(`/v1/messages/${messageId}`);

    expect([status, json]).toEqual([
      200,
      {
        why: "Attempt 1 of 4 failed 1 s ago: the name of unknown.example could not be looked up.",
        next: "Next is attempt 2 of 4, in 4 s.",
        nextAt,
        canDo: ["cancel", "send-now"],
      },
    ]);
    expect(message.json.why).toBe(json.why);
  });

  test("leaves out when, once the message has ended", async () => {
    const messageId = await submitted();
    await service.request(`/v1/messages/${messageId}/cancel`, { method: "POST" });

    const { json } = await whyOf(messageId);

    expect(json).toEqual({
      why: "Its sender cancelled the message less than 1 s ago.",
      next: "Nothing: the message has ended.",
      canDo: ["replay", "erase"],
    });
  });

  test("is answered to nobody else: the answer is that of a missing message", async () => {
    const other = await service.senderWithKey("other");
    const messageId = await submitted();

    const [theirs, nobodys] = [await whyOf(messageId, other), await whyOf("none", other)];

    expect([theirs.status, theirs.text]).toEqual([404, nobodys.text]);
  });

  test("is not answered to a key that may only write", async () => {
    const writer = await service.senderWithKey("shop", { scopes: ["messages:write"] });

    expect((await whyOf(await submitted(), writer)).status).toBe(403);
  });

  test("is refused for a path that is the id of a message too", async () => {
    const messageId = await submitted();
    await service.submit(aRequest({ messageId: `${messageId}/why` }));

    const { status, json } = await whyOf(messageId);
    const exact = await whyOf(`~${Buffer.from(messageId).toString("base64url")}`);

    expect([status, json.issues[0].message]).toEqual([
      400,
      "with /why is the id of a message too: write it as ~ and its base64url",
    ]);
    expect(exact.status).toBe(200);
  });
});

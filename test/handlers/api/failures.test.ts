/** What a sender's failures have in common. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { limits } from "../../../domain/limits.ts";
import { forEach, shards, storing } from "../../support/listed.ts";
import { openService, type Service, start } from "../../support/service.ts";

const iso = (ms: number): string => new Date(ms).toISOString();

let service: Service;
let store: ReturnType<typeof storing>;

beforeEach(async () => {
  service = await openService({ shards });
  store = storing(service);
});
afterEach(() => service.close());

const failuresBy = (by: string, key = service.apiKey) =>
  service.request(`/v1/failures?by=${by}`, {}, key);

describe("Failures", () => {
  test("are grouped by target, the largest group first", async () => {
    const at = (targetUrl: string, ms: number) => ({ targetUrl, failedAt: start + ms });
    await store.failed("1", at("https://a.example/x", 10));
    await store.failed("2", at("https://b.example/", 20));
    await store.failed("3", at("https://a.example:443/y?z", 30));
    await store.failed("4", at("https://a.example:8443/", 40));
    await store.pending("5", { targetUrl: "https://a.example/" });

    const { status, headers, json } = await failuresBy("target");

    const group = (key: string, exampleMessageId: string, since: number, lastAt = since) => ({
      ...{ key, count: 1, exampleMessageId },
      ...{ since: iso(start + since), lastAt: iso(start + lastAt) },
    });
    expect([status, headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(json).toEqual({
      groups: [
        { ...group("a.example", "3", 10, 30), count: 2 },
        group("a.example:8443", "4", 40),
        group("b.example", "2", 20),
      ],
      isComplete: true,
    });
  });

  test("of a group are the messages that a list by its key has", async () => {
    await store.failed("1", { targetUrl: "https://a.example/x" });
    await store.failed("2", { targetUrl: "https://a.example:8443/" });
    const { json } = await failuresBy("target");

    for (const { key, exampleMessageId } of json.groups) {
      const listed = await service.request(`/v1/messages?status=FAILED&target=${key}`);

      expect(listed.json.items).toEqual([expect.objectContaining({ messageId: exampleMessageId })]);
    }
  });

  test("are grouped by reason", async () => {
    await store.failed("1", { failReason: "too-late" });
    await store.failed("2", { failReason: "too-late" });
    await store.failed("3", { failReason: "gone" });

    const { json } = await failuresBy("reason");

    const counts = json.groups.map(({ key, count }: Record<string, unknown>) => [key, count]);
    expect(counts).toEqual([
      ["too-late", 2],
      ["gone", 1],
    ]);
  });

  test("of another sender, and expired ones, are not counted", async () => {
    const key = await service.senderWithKey("bakery");
    await store.failed("1", { senderId: "bakery" });
    await store.failed("2", { ttl: start / 1000 });

    expect((await failuresBy("reason")).json).toEqual({ groups: [], isComplete: true });
    expect((await failuresBy("reason", key)).json.groups).toHaveLength(1);
  });

  test("beyond the latest thousand are not counted, and it says so", async () => {
    const all = Array.from({ length: limits.failuresCountedMax + 1 }, (_, index) => index);
    await forEach(all, (ms) => store.failed(`${ms}`, { failedAt: start + ms }));

    const { json } = await failuresBy("reason");

    expect(json).toEqual({
      groups: [
        {
          ...{ key: "gone", count: 1000, exampleMessageId: "1000" },
          ...{ since: iso(start + 1), lastAt: iso(start + 1000) },
        },
      ],
      isComplete: false,
    });
  });

  test.each([
    ["", [{ path: ["by"], message: "is required" }]],
    ["by=host", [{ path: ["by"], message: "must be one of target, reason" }]],
    [
      "by=target&by=reason&limit=1",
      [
        { path: ["limit"], message: "is not a known member" },
        { path: ["by"], message: "is given more than once" },
      ],
    ],
  ])("asked for with %j are refused, with every fault", async (search, issues) => {
    const { status, json } = await service.request(`/v1/failures?${search}`);

    expect([status, json.issues]).toEqual([400, issues]);
  });
});

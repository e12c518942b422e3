/** A deployment that keeps no index of all messages: what it saves, and what it cannot list. */
import { describe, expect, test } from "@jest/globals";
import { messageListStore } from "../../../entities/message-list.ts";
import { listPage } from "../../../handlers/api/list-page.ts";
import { shards, storing } from "../../support/listed.ts";
import { aRequest, useService } from "../../support/service.ts";

const service = useService({ shards, listAll: false });

const fault = {
  path: ["status"],
  message:
    "must be FAILED or unfinished: this deployment keeps no index of all messages (POSTRIDER_LIST_ALL)",
};

describe("Where no index of all messages is kept,", () => {
  test("a message is stored without its keys, and is delivered and repeated as ever", async () => {
    const submitted = await service.submit(aRequest({ messageId: "kept" }));
    const again = await service.submit(aRequest({ messageId: "kept" }));

    expect([submitted.status, again.status]).toEqual([202, 200]);
    const item = await service.table.item({ senderId: "shop", messageId: "kept" });
    expect(item).toMatchObject({ unlisted: true, senderShard: expect.any(String) });
    expect(Object.keys(item ?? {}).filter((name) => name.startsWith("bySender"))).toEqual([]);
    expect(await service.table.scan("bySender")).toEqual([]);
    expect(JSON.stringify(submitted.json)).not.toContain("unlisted");
  });

  test.each(["", "status=COMPLETED", "status=QUEUED&limit=5", "target=example.com"])(
    "a list of %j is refused with the reason, and nothing is queried",
    async (query) => {
      const before = service.faults.inputs("Query").length;

      const { status, json } = await service.request(`/v1/messages?${query}`);

      expect([status, json.code, json.issues]).toEqual([400, "VALIDATION_ERROR", [fault]]);
      expect(service.faults.inputs("Query")).toHaveLength(before);
    },
  );

  test("the reason is one of all faults of a query", async () => {
    const { json } = await service.request("/v1/messages?limit=0&from=yesterday");

    expect(json.issues).toEqual(expect.arrayContaining([fault]));
    expect(json.issues).toHaveLength(3);
  });

  test("what FAILED and what is unfinished is listed, grouped and counted", async () => {
    const store = storing(service);
    await store.failed("failed", { unlisted: true });
    await store.pending("open", { unlisted: true });
    const ids = async (query: string) =>
      (await service.request(`/v1/messages?${query}`)).json.items.map(
        ({ messageId }: { messageId: string }) => messageId,
      );

    expect(await ids("status=FAILED")).toEqual(["failed"]);
    expect(await ids("reason=gone")).toEqual(["failed"]);
    expect(await ids("status=unfinished")).toContain("open");
    expect((await service.request("/v1/failures?by=reason")).json.groups).toHaveLength(1);
    expect((await service.request("/v1/counts?status=FAILED")).json.count).toBe(1);
  });
});

test("Where it is kept again, a list of all lacks what was stored meanwhile, and it can be read", async () => {
  await service.submit(aRequest({ messageId: "meanwhile" }));
  await storing(service).pending("later");

  const { messages } = await listPage(
    { lists: messageListStore(service.storage), shards },
    { senderId: "shop", filter: {}, now: service.now(), limit: 100, examinedMax: 100 },
  );

  expect(messages.map(({ messageId }) => messageId)).toEqual(["later"]);
  expect((await service.request("/v1/messages/meanwhile")).status).toBe(200);
});

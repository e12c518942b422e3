/** What one page of a list may cost: neither more messages nor more reads than it was asked for. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { type ListFilter, parseTarget } from "../../../domain/list-filter.ts";
import { nameOf } from "../../../domain/listing.ts";
import { messageListStore } from "../../../entities/message-list.ts";
import { type ListPageAsk, listPage } from "../../../handlers/api/list-page.ts";
import { shards, storing } from "../../support/listed.ts";
import { start, useService } from "../../support/service.ts";

const service = useService({ shards });
const count = 40;
/** A filter that no message matches. */
const nowhere: ListFilter = { target: parseTarget("nowhere.example") };

beforeAll(async () => {
  const store = storing(service);
  const ids = Array.from({ length: count }, (_, index) => `order-${index}`);
  await store.all(ids.map((id, index) => store.aPending(id, { createdAt: start + index })));
});

/** A page, and the names of the items that were read for it, in the order of the reads. */
const pageOf = async (ask: Partial<ListPageAsk>) => {
  const before = service.faults.inputs("BatchGetItem").length;
  const page = await listPage(
    { lists: messageListStore(service.storage), shards },
    { senderId: "shop", filter: {}, now: start, limit: 100, examinedMax: 100, ...ask },
  );
  const read = service.faults
    .inputs("BatchGetItem")
    .slice(before)
    .flatMap(({ RequestItems }) => Object.values(RequestItems as object))
    .flatMap(({ Keys }) => Keys as readonly { pk: { S: string }; sk: { S: string } }[])
    .map(({ pk, sk }) => nameOf({ pk: pk.S, sk: sk.S }));
  return { ...page, read };
};

const ids = ({ messages }: Awaited<ReturnType<typeof pageOf>>): readonly string[] =>
  messages.map(({ messageId }) => messageId);

describe("A page", () => {
  test.each([1, 4, 5, 17, 39])(
    "of a list in which little matches examines %i entries where it may not more",
    async (examinedMax) => {
      const { messages, next, read } = await pageOf({ filter: nowhere, limit: 3, examinedMax });

      expect(messages).toEqual([]);
      expect(read).toHaveLength(examinedMax);
      // The next page begins after the last entry that was examined.
      expect(next && nameOf(next)).toBe(read.at(-1));
      expect(next?.at).toBe(start + count - examinedMax);
    },
  );

  test("of which every entry was examined is the last one", async () => {
    const { next, read } = await pageOf({ filter: nowhere, limit: 3 });

    expect([next, read.length]).toEqual([null, count]);
  });

  test.each([1, 7, 39])(
    "of at most %i messages has as many, and reads no other one",
    async (limit) => {
      const page = await pageOf({ limit });

      expect(ids(page)).toEqual(
        Array.from({ length: limit }, (_, index) => `order-${count - 1 - index}`),
      );
      expect(page.read).toHaveLength(limit);
      expect(page.next?.at).toBe(start + count - limit);
    },
  );

  test("has no more messages than it was asked for where a later read finds more", async () => {
    const store = storing(service);
    const targetUrl = "https://old.example/";
    await store.all(
      Array.from({ length: 12 }, (_, index) =>
        store.aPending(`mixed-${index}`, {
          ...{ senderId: "mixed", createdAt: start + index, ...(index < 7 && { targetUrl }) },
        }),
      ),
    );

    // The third read is of four entries, three of which match.
    const filter = { target: parseTarget("old.example") };
    const page = await pageOf({ senderId: "mixed", limit: 2, filter });

    expect(page.read).toHaveLength(8);
    expect(ids(page)).toEqual(["mixed-6", "mixed-5"]);
    expect(page.next?.at).toBe(start + 5);
  });
});

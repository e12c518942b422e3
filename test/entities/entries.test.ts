/** The entries that list senders and keys: where they are, and that they say no more than that. */
import { beforeAll, expect, test } from "@jest/globals";
import { type KeyEntryStore, keyEntryStore } from "../../entities/key-entry.ts";
import { type SenderEntryStore, senderEntryStore } from "../../entities/sender-entry.ts";
import { useTable } from "../support/table.ts";

const table = useTable();
let senderEntries: SenderEntryStore;
let keyEntries: KeyEntryStore;

beforeAll(() => {
  senderEntries = senderEntryStore(table.storage);
  keyEntries = keyEntryStore(table.storage);
});

test("Senders are listed in the order of their ids, apart by the case of a letter", async () => {
  for (const senderId of ["b", "a", "B", "a:1"]) await senderEntries.add(senderId);

  expect(await senderEntries.page(null, 10)).toEqual({ ids: ["B", "a", "a:1", "b"], next: null });
});

test("A page begins after the one before it, and the last one says so", async () => {
  const first = await senderEntries.page(null, 3);
  const second = await senderEntries.page(first.next, 3);

  expect([first.ids, second]).toEqual([["B", "a", "a:1"], { ids: ["b"], next: null }]);
});

test("An entry that is added again stays one", async () => {
  await senderEntries.add("a");
  await keyEntries.add("again", "hash-of-a-key");
  await keyEntries.add("again", "hash-of-a-key");

  expect((await senderEntries.page(null, 10)).ids).toHaveLength(4);
  expect((await keyEntries.page("again", null, 10)).ids).toEqual(["hash-of-a-key"]);
});

test("A key is found by its id, under its sender alone", async () => {
  await keyEntries.add("shop", "fRL--q7kImegsSNckHmXIlMpU1tTRP0oNIVa6ek2sIw");
  const keyId = "fRL--q7kImeg";

  expect(await keyEntries.hashOf("shop", keyId)).toMatch(keyId);
  expect(await keyEntries.hashOf("shop-2", keyId)).toBeUndefined();
  expect((await keyEntries.page("shop-2", null, 10)).ids).toEqual([]);
});

test("Entries have the keys that later versions will look for", async () => {
  const keys = (await table.scan()).map(({ pk, sk }) => `${pk} ${sk}`);

  expect(keys).toContain("$postrider#list_senders $senderEntry_1#senderId_a:1");
  expect(keys).toContain("$postrider#senderId_shop $keyEntry_1#keyId_fRL--q7kImeg");
});

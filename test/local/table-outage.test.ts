import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { inProcessClient } from "../../adapters/clients.ts";
import { messageStore } from "../../entities/message.ts";
import { ensureTable, startTable, table } from "../../local/embedded-table.ts";
import { indexesAgree } from "../../local/index-mark.ts";
import { levelClass } from "../../local/level-db.ts";
import type { Outage } from "../../local/table-repair.ts";
import { actorsOn } from "../support/actors.ts";
import { dayMs, t0 } from "../support/messages.ts";
import { temporaryDataDir } from "./temporary.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

type Batch = (operations: readonly { readonly key: string }[], options: object) => Promise<void>;
type Open = (options: object) => Promise<void>;

/** A disk on which some writes fail, as LevelDB sees it, from now until it has room again. */
const fullDisk = (isRefused: (key: string) => boolean = () => true) => {
  const files = levelClass().prototype as unknown as { _batch: Batch; _open: Open };
  const { _batch: write, _open: openFiles } = files;
  let isTorn = false;
  let writesBehind = 0;
  files._open = function (options) {
    isTorn = false;
    return openFiles.call(this, options);
  };
  files._batch = async function (operations, options) {
    if (isTorn) writesBehind += 1;
    if (!operations.some(({ key }) => isRefused(String(key))))
      return write.call(this, operations, options);
    isTorn = true;
    throw new Error("IO error: 000005.log: No space left on device");
  };
  const hasRoom = (): void => {
    files._batch = write;
    files._open = openFiles;
  };
  cleanUps.push(hasRoom);
  /** How many writes came after one that failed, before the files were opened again. */
  return { hasRoom, writesBehind: () => writesBehind };
};

const start = async (dataDir: string) => {
  const outages: Outage["kind"][] = [];
  let over = Promise.withResolvers<void>();
  over.resolve();
  const onOutage = ({ kind }: Outage): void => {
    outages.push(kind);
    if (kind === "began") over = Promise.withResolvers<void>();
    else over.resolve();
  };
  const { stop, call } = await startTable({ dataDir, onOutage, retryMs: 1 });
  const client = inProcessClient(call);
  await ensureTable(client, table);
  const messages = messageStore({ client, table });
  const due = async () => {
    const ask = { dueShard: "0", now: t0 + dayMs, limit: 100, cursor: null };
    return (await messages.due(ask)).items.map(({ ids }) => ids);
  };
  const end = async (): Promise<void> => {
    client.destroy();
    await stop();
  };
  /** Resolves when the outage that there is, if any, is over. */
  const isOver = () => over.promise;
  return { outages, over: isOver, due, end, messages, actors: actorsOn(messages) };
};

const open = async () => {
  const { dataDir, remove } = temporaryDataDir();
  cleanUps.push(remove);
  return { ...(await start(dataDir)), dataDir };
};

const keyOf = ({ senderId, messageId }: { senderId: string; messageId: string }) => ({
  senderId,
  messageId,
});
const unavailable = { $fault: "server", $metadata: { httpStatusCode: 500 } };

test("a write that fails is answered with an error, and those after it until there is room", async () => {
  const { actors, messages, outages, over, end } = await open();
  const before = await actors.submit({ messageId: "before" });
  // The repair cannot write either, so that the outage lasts until there is room.
  const disk = fullDisk();

  await expect(actors.submit({ messageId: "first" })).rejects.toMatchObject(unavailable);
  await expect(actors.submit({ messageId: "second" })).rejects.toMatchObject(unavailable);
  disk.hasRoom();
  await over();
  const after = await actors.submit({ messageId: "after" });

  expect(outages).toEqual(["began", "ended"]);
  expect(await messages.get(before, t0)).toMatchObject({ messageId: "before" });
  expect(await messages.get(after, t0)).toMatchObject({ messageId: "after" });
  expect(await messages.get({ ...keyOf(before), messageId: "first" }, t0)).toBeUndefined();
  await end();
});

/** The folders of the keys of each write of LevelDB from now on. */
const noteWrites = (): readonly (readonly string[])[] => {
  const files = levelClass().prototype as unknown as { _batch: Batch };
  const { _batch: write } = files;
  const writes: string[][] = [];
  files._batch = function (operations, options) {
    writes.push(operations.map(({ key }) => String(key).split("~")[0] as string));
    return write.call(this, operations, options);
  };
  cleanUps.push(() => {
    files._batch = write;
  });
  return writes;
};

test("an item and its index entries are one write, which a kill cannot cut in two", async () => {
  const { actors, end } = await open();
  const message = await actors.submit();
  const writes = noteWrites();

  await actors.cancel(message, t0 + 1);

  expect(writes.map((each) => each.toSorted())).toEqual([["index-global", "item-postrider"]]);
  await end();
});

test("a change that moves a message in no index writes the item alone", async () => {
  const { actors, end } = await open();
  const message = await actors.submit();
  const writes = noteWrites();

  await actors.enqueue(message, t0);

  expect(writes).toEqual([["item-postrider"]]);
  await end();
});

test("an end of which only the index was written leaves the message due", async () => {
  const { actors, messages, over, due, end } = await open();
  const message = await actors.submit();
  const disk = fullDisk((key) => key.startsWith("item-"));

  // The engine removes the index entry first, and then cannot write the item.
  await expect(actors.cancel(message, t0 + 1)).rejects.toMatchObject(unavailable);
  disk.hasRoom();
  await over();

  expect(await messages.get(message, t0)).toMatchObject({ status: "PENDING" });
  expect(await due()).toEqual([keyOf(message)]);
  await end();
});

test("a submit of which only the index was written is due to nobody", async () => {
  const { actors, over, due, end } = await open();
  const disk = fullDisk((key) => key.startsWith("item-"));

  await expect(actors.submit()).rejects.toMatchObject(unavailable);
  disk.hasRoom();
  await over();

  expect(await due()).toEqual([]);
  await end();
});

test("after a write has failed, LevelDB is given no other until it was opened again", async () => {
  const { actors, outages, over, end } = await open();
  let isFirst = true;
  // Only one write is refused; any that followed would succeed behind its torn end.
  const disk = fullDisk((key) => {
    const isRefused = isFirst && key.startsWith("index-");
    if (isRefused) isFirst = false;
    return isRefused;
  });

  await Promise.allSettled(
    Array.from({ length: 20 }, (_, each) => actors.submit({ messageId: `m-${each}` })),
  );

  expect(disk.writesBehind()).toBe(0);
  expect(outages[0]).toBe("began");
  await over();
  await end();
});

test("what was acknowledged around an outage is there after the next start", async () => {
  const { actors, over, end, dataDir } = await open();
  const before = await actors.submit({ messageId: "before" });
  const disk = fullDisk();
  await expect(actors.submit({ messageId: "lost" })).rejects.toMatchObject(unavailable);
  disk.hasRoom();
  await over();
  const after = await actors.submit({ messageId: "after" });
  await end();

  // So the next start need not read all items.
  expect(await indexesAgree(join(dataDir, "table"))).toBe(true);
  const { due, end: endAgain } = await start(dataDir);

  expect(await due()).toEqual([keyOf(before), keyOf(after)]);
  await endAgain();
});

test("a stop during an outage ends it", async () => {
  const { actors, end } = await open();
  fullDisk();
  await expect(actors.submit()).rejects.toMatchObject(unavailable);

  await expect(end()).resolves.toBeUndefined();
});

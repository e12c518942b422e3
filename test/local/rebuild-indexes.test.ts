import { createRequire } from "node:module";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { dynamoDbClient } from "../../adapters/clients.ts";
import type { MessageKey } from "../../domain/message.ts";
import { type MessageStore, messageStore } from "../../entities/message.ts";
import { ensureTable, startTable, table } from "../../local/embedded-table.ts";
import { indexesAgree, markIndexes } from "../../local/index-mark.ts";
import { actorsOn } from "../support/actors.ts";
import { dayMs, t0 } from "../support/messages.ts";
import { temporaryDataDir } from "./temporary.ts";

let dataDir: string;
let remove: () => void;
beforeEach(() => {
  ({ dataDir, remove } = temporaryDataDir());
});
afterEach(() => remove());

/** Opens the table of a data directory as the local edition does at its start, and stops it again. */
const started = async <Result>(
  use: (messages: MessageStore) => Promise<Result>,
): Promise<Result> => {
  const { stop, ...engine } = await startTable({ dataDir });
  const client = dynamoDbClient({ ...engine, requestTimeoutMs: 5000 });
  try {
    await ensureTable(client, table);
    return await use(messageStore({ client, table }));
  } finally {
    client.destroy();
    await stop();
  }
};

const dueIn = async (messages: MessageStore): Promise<readonly MessageKey[]> => {
  const page = await messages.due({ dueShard: "0", now: t0 + dayMs, limit: 100, cursor: null });
  return page.items.flatMap(({ ids }) => ids ?? []);
};

type Level = {
  readonly open: () => Promise<void>;
  readonly keys: () => AsyncIterable<string>;
  readonly del: (key: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

/**
 * What an earlier version leaves that is killed between two writes of the engine: some keys are not
 * there.
 */
const lose = async (isLost: (key: string) => boolean): Promise<number> => {
  const dynalite = createRequire(import.meta.url).resolve("dynalite");
  const { Level } = createRequire(dynalite)("level") as { Level: new (path: string) => Level };
  const files = new Level(join(dataDir, "table"));
  await files.open();
  const lost: string[] = [];
  for await (const key of files.keys()) if (isLost(key)) lost.push(key);
  for (const key of lost) await files.del(key);
  await files.close();
  return lost.length;
};

test("a message whose index entry was lost is due again after the next start", async () => {
  const message = await started((messages) => actorsOn(messages).submit());

  const lost = await lose((key) => key.startsWith("index-global~postrider~due~"));
  const due = await started(dueIn);

  expect(lost).toBe(1);
  expect(due).toEqual([{ senderId: message.senderId, messageId: message.messageId }]);
});

test("an index entry whose message was never written is gone after the next start", async () => {
  await started((messages) => actorsOn(messages).submit());

  const lost = await lose((key) => key.startsWith("item-postrider~"));
  const due = await started(dueIn);

  expect(lost).toBe(1);
  expect(due).toEqual([]);
});

test("a message that has ended stays out of the index, and as it was", async () => {
  const ended = await started(async (messages) => {
    const message = await actorsOn(messages).submit();
    await actorsOn(messages).cancel(message, t0 + 1);
    return messages.get(message, t0 + 1);
  });
  if (!ended) throw new Error("The message is not there");

  const [due, found] = await started(async (messages) => [
    await dueIn(messages),
    await messages.get(ended, t0 + 1),
  ]);

  expect(due).toEqual([]);
  expect(found).toEqual(ended);
});

test("a start over files that only this version has opened leaves the indexes as they are", async () => {
  await started((messages) => actorsOn(messages).submit());
  await lose((key) => key.startsWith("index-global~postrider~due~"));

  // As if nobody but this version had opened them.
  await markIndexes(join(dataDir, "table"));

  expect(await started(dueIn)).toEqual([]);
});

test("the indexes are known to agree after a start and a stop, until somebody opens the files", async () => {
  await started((messages) => actorsOn(messages).submit());
  const path = join(dataDir, "table");

  const afterStop = await indexesAgree(path);
  await lose(() => false);

  expect(afterStop).toBe(true);
  expect(await indexesAgree(path)).toBe(false);
});

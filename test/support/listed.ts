import type { Message } from "../../domain/message.ts";
import { failedShardOf, shardOf } from "../../domain/shard.ts";
import { messageEntity } from "../../entities/described/message.ts";
import { stored } from "../../entities/storage.ts";
import { aMessage } from "./messages.ts";
import type { Service } from "./service.ts";

/** How many shards the services of the tests of lists have. */
export const shards = 4;

/** Does something for each of many, not more of it at once than the client has connections. */
export const forEach = async <Item>(
  items: readonly Item[],
  act: (item: Item, index: number) => Promise<unknown>,
): Promise<void> => {
  for (let from = 0; from < items.length; from += 40)
    await Promise.all(items.slice(from, from + 40).map((item, index) => act(item, from + index)));
};

/** Stores messages as their life would have left them, without living it. */
export const storing = (service: Service) => {
  const put = async (message: Message): Promise<Message> => {
    const { kind } = await service.messages.submit(message);
    if (kind !== "stored") throw new Error(`There is a message ${message.messageId} already`);
    return message;
  };
  const newOne = (messageId: string, given: Partial<Message> = {}): Message => {
    const senderId = given.senderId ?? "shop";
    const shard = shardOf({ senderId, messageId }, shards);
    return aMessage({
      ...{ messageId, senderShard: shard, dueShard: shard, createdAt: service.now() },
      ...given,
    });
  };
  const ended = (messageId: string, given: Partial<Message>): Message => {
    const { dueAt: _, dueShard: __, notBefore: ___, ...message } = newOne(messageId, given);
    return message;
  };
  const failed = (messageId: string, given: Partial<Message> = {}): Message => {
    const message = ended(messageId, {
      ...{ status: "FAILED", failReason: "gone", failedAt: service.now() },
      ...given,
    });
    return { ...message, failedShard: failedShardOf(message, message.senderShard) };
  };
  return {
    pending: (messageId: string, given?: Partial<Message>) => put(newOne(messageId, given)),
    ended: (messageId: string, given: Partial<Message>) => put(ended(messageId, given)),
    failed: (messageId: string, given?: Partial<Message>) => put(failed(messageId, given)),
    /** A message as `pending` or `failed` stores it, to be stored with others by `all`. */
    ...{ aPending: newOne, aFailed: failed },
    /** Stores many new messages in batches. */
    all: async (messages: readonly Message[]): Promise<void> => {
      const batches = messageEntity(service.storage).put(messages.map(stored) as never);
      const { unprocessed } = await batches.go({ concurrent: 8 } as never);
      if ((unprocessed as readonly unknown[]).length > 0) throw new Error("Some are not stored");
    },
  };
};

/** Reads a list to its end, page by page, and returns the ids of each page. */
export const pagesOf = async (
  service: Service,
  query: Readonly<Record<string, string>>,
  { key = service.apiKey, between = async (_page: number): Promise<unknown> => undefined } = {},
): Promise<readonly (readonly string[])[]> => {
  const pages: string[][] = [];
  let cursor: string | null = null;
  do {
    const search = new URLSearchParams({ ...query, ...(cursor !== null && { cursor }) });
    const { status, json, text } = await service.request(`/v1/messages?${search}`, {}, key);
    if (status !== 200) throw new Error(`The list is answered ${status}: ${text}`);
    pages.push(json.items.map(({ messageId }: { messageId: string }) => messageId));
    cursor = json.nextCursor;
    await between(pages.length);
  } while (cursor !== null);
  return pages;
};

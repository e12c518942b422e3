import type { ApiKey } from "../../domain/api-key.ts";
import type { Sender } from "../../entities/sender.ts";
import type { Registry } from "./registry.ts";

/** What a list is asked for: at most `limit` items after a position, or from its beginning. */
export type PageAsk = { readonly after: string | null; readonly limit: number };

/** A page may have fewer items than asked for, and still a next one, unless that is null. */
export type Page<Item> = { readonly items: readonly Item[]; readonly next: string | null };

const isThere = <Item>(item: Item | undefined): item is Item => item !== undefined;

/** Lists senders by their ids. An entry without a sender is what a crash has left, or is to come. */
export const listSenders = async (
  { senders, senderEntries }: Pick<Registry, "senders" | "senderEntries">,
  { after, limit }: PageAsk,
): Promise<Page<Sender>> => {
  const { ids, next } = await senderEntries.page(after, limit);
  return { items: (await Promise.all(ids.map(senders.get))).filter(isThere), next };
};

/** Lists the keys of a sender by their ids, revoked and expired ones too. */
export const listKeys = async (
  { apiKeys, keyEntries }: Pick<Registry, "apiKeys" | "keyEntries">,
  senderId: string,
  { after, limit }: PageAsk,
): Promise<Page<ApiKey>> => {
  const { ids, next } = await keyEntries.page(senderId, after, limit);
  return { items: (await Promise.all(ids.map(apiKeys.get))).filter(isThere), next };
};

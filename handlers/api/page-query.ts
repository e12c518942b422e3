import * as z from "zod";
import { inWords } from "../../adapters/in-words.ts";
import { openedText, sealedText } from "../../adapters/sealed-text.ts";
import type { Vault } from "../../adapters/vault.ts";
import { limits } from "../../domain/limits.ts";
import type { Page, PageAsk } from "../senders/list.ts";
import { notACursor } from "./list-cursor.ts";
import { cursorInQuery, limitInQuery } from "./list-query.ts";
import { parseQuery } from "./query.ts";

/** The query of a list without a filter. */
export const pageMembers = z.strictObject({
  limit: limitInQuery.optional(),
  cursor: cursorInQuery.optional(),
});

const query = (url: string): z.infer<typeof pageMembers> =>
  parseQuery(url, (given) => pageMembers.safeParse(given, { error: inWords }));

/** Reads the query of a list without a filter. `list` names it: no other has its cursors. */
export const pageAsked = (vault: Vault, list: string, url: string): PageAsk => {
  const { limit = limits.listPageDefault, cursor } = query(url);
  if (cursor === undefined) return { limit, after: null };
  const after = openedText(vault, list, cursor);
  if (typeof after !== "string") throw notACursor();
  return { limit, after };
};

/** Returns the answer to a page of this list. */
export const pageView = <Item>(
  vault: Vault,
  list: string,
  { items, next }: Page<Item>,
  viewOf: (item: Item) => object,
) => ({
  items: items.map(viewOf),
  nextCursor: next === null ? null : sealedText(vault, list, JSON.stringify(next)),
});

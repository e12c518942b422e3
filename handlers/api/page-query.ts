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
  return { limit, after: positionIn(vault, list, cursor) };
};

const positionIn = (vault: Vault, list: string, cursor: string | undefined): string | null => {
  if (cursor === undefined) return null;
  const after = openedText(vault, list, cursor);
  if (typeof after !== "string") throw notACursor();
  return after;
};

/** The query of a page whose length cannot be chosen. */
export const cursorMembers = pageMembers.omit({ limit: true });

/** Reads the query of such a page: where it begins. */
export const cursorAsked = (vault: Vault, list: string, url: string): string | null => {
  const { cursor } = parseQuery(url, (given) => cursorMembers.safeParse(given, { error: inWords }));
  return positionIn(vault, list, cursor);
};

/** Returns a position as the cursor that a caller gets. */
export const cursorView = (vault: Vault, list: string, next: string | null): string | null =>
  next === null ? null : sealedText(vault, list, JSON.stringify(next));

/** Returns the answer to a page of this list. */
export const pageView = <Item>(
  vault: Vault,
  list: string,
  { items, next }: Page<Item>,
  viewOf: (item: Item) => object,
) => ({
  items: items.map(viewOf),
  nextCursor: cursorView(vault, list, next),
});

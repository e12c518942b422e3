import * as z from "zod";
import { openedText, sealedText } from "../../adapters/sealed-text.ts";
import type { Vault } from "../../adapters/vault.ts";
import type { ListFilter } from "../../domain/list-filter.ts";
import type { Entry } from "../../domain/listing.ts";
import type { Issue, Problem } from "../../domain/problem.ts";
import { invalid } from "../submission/issues.ts";

/** The list that a cursor belongs to. It is refused for any other. */
export type CursorOf = { readonly senderId: string; readonly filter: ListFilter };

const position = z.tuple([z.number(), z.number(), z.string(), z.string()]);

/** Sender ids contain no `#`, so no two lists share a context. */
const contextOf = ({ senderId, filter }: CursorOf): string => {
  const { status, from, to, target, reason } = filter;
  return `cursor#${senderId}#${JSON.stringify([status, from, to, target, reason])}`;
};

/**
 * Returns a position of a list as the text that a caller gets. It is encrypted, not only signed:
 * the due index is shared, so a position in it may be the key of another sender's message.
 */
export const cursorTo = (vault: Vault, of: CursorOf, { at, shard, pk, sk }: Entry): string => {
  return sealedText(vault, contextOf(of), JSON.stringify([at, shard, pk, sk]));
};

const cursorFault: Issue = {
  path: ["cursor"],
  message: "is not a cursor of this list: begin again without it, or use it with the same filter",
};
/** Returns the refusal of a text that is not a cursor of a list. */
export const notACursor = (): Problem => invalid([cursorFault]);

/**
 * Returns the position in a cursor. Throws VALIDATION_ERROR if it is not one that this service made
 * for this sender and this filter, or if the key that it was made with is gone.
 */
export const positionIn = (vault: Vault, of: CursorOf, cursor: string): Entry => {
  const parsed = position.safeParse(openedText(vault, contextOf(of), cursor));
  if (!parsed.success) throw notACursor();
  const [at, shard, pk, sk] = parsed.data;
  return { at, shard, pk, sk };
};

import type { Call, CallOptions } from "./call.ts";
import { queryOf } from "./paths.ts";

type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor: string | null };

/** Yields the items of a list, page by page: it asks for a page when it is come to. */
export async function* listed<Item>(
  call: Call,
  path: string,
  filter: Readonly<Record<string, unknown>>,
  options?: CallOptions,
): AsyncGenerator<Item, void, undefined> {
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const ask = { method: "GET", path: `${path}${queryOf({ ...filter, cursor })}` } as const;
    const page: Page<Item> = await call(ask, options);
    yield* page.items;
    // A page may be empty and have a cursor all the same.
    cursor = page.nextCursor;
  }
}

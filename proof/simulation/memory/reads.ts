import type { Fields } from "../items.ts";
import type { TableRequest } from "../outside.ts";
import { requestOfTable } from "./requests.ts";
import type { Shape } from "./shape.ts";
import type { Options, Result } from "./writes.ts";

/** A read of one item, as with ElectroDB. */
export const reading = (shape: Shape, given: Fields) => ({
  go: ({ consistent }: Options = {}): Promise<Result> => {
    const request: TableRequest = {
      ...{ operation: "GetItem", ...shape.keyOf(given) },
      ...{ isOldAllowed: consistent !== true, isOldItemAsked: false },
    };
    return requestOfTable(request, (table, { staleMs }) => ({
      data: shape.dataOf(table.get(shape.keyOf(given), staleMs)),
    }));
  },
});

/** A read of the items of one entity in a partition. */
export const querying = (shape: Shape, given: Fields) => {
  let isWithin = ({ sk }: Fields): boolean => String(sk).startsWith(shape.skPrefix);
  const query = {
    between: (from: Fields, to: Fields) => {
      const [first, last] = [from, to].map((each) => shape.keyOf({ ...given, ...each }).sk);
      isWithin = ({ sk }) => String(sk) >= String(first) && String(sk) <= String(last);
      return query;
    },
    go: (options: Options & { readonly pages?: unknown; readonly cursor?: unknown }) => {
      if (options.pages !== "all") throw new Error("Nobody asks for single pages here");
      const request: TableRequest = {
        ...{ operation: "Query", isOldAllowed: options.consistent !== true },
        isOldItemAsked: false,
      };
      return requestOfTable(request, (table, { staleMs }): { data: readonly Fields[] } => ({
        data: table.partition(shape.keyOf(given).pk, staleMs).flatMap((item) => {
          const data = isWithin(item) ? shape.dataOf(item) : null;
          return data ? [data] : [];
        }),
      }));
    },
  };
  return query;
};

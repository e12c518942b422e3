import type { Chronicle } from "./chronicle.ts";
import type { Fields } from "./items.ts";
import type { Table } from "./table.ts";

type Watched = {
  readonly chronicle: Chronicle;
  readonly table: Table;
  readonly now: () => number;
};

const nameOf = ({ pk, sk }: Fields): string => `${pk} ${sk}`;

/** What is due in these shards, by its key, as it is in the table. */
const dueIn = ({ table, now }: Watched, shards: readonly number[]): ReadonlyMap<string, Fields> => {
  const isDue = ({ dueAt, dueShard }: Fields): boolean =>
    Number(dueAt) <= now() && shards.includes(Number(dueShard));
  return new Map(
    table.items().flatMap((item) => (isDue(item) ? [[nameOf(item), item] as const] : [])),
  );
};

/**
 * Watches a run of the dispatcher. If nothing breaks in it, nothing of what was due when it began
 * may be left as it was: each page goes on past whatever is in it, and to the next.
 */
export const leftOverWatch = (watched: Watched, shards: readonly number[]): (() => void) => {
  const { chronicle } = watched;
  const faults = chronicle.faults();
  const before = dueIn(watched, shards);
  const isSame = (one: Fields, other: Fields | undefined): boolean =>
    one === other || JSON.stringify(one) === JSON.stringify(other);
  return () => {
    if (chronicle.faults() !== faults) return;
    const after = dueIn(watched, shards);
    for (const [name, item] of before)
      if (isSame(item, after.get(name)))
        chronicle.violate({ invariant: "drained", what: `nobody looked at ${name}` });
  };
};

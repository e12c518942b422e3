import type { Chronicle } from "./chronicle.ts";
import type { Item, MemoryTable } from "./table.ts";

type Watched = {
  readonly chronicle: Chronicle;
  readonly table: MemoryTable;
  readonly now: () => number;
};

const nameOf = ({ pk, sk }: Item): string => JSON.stringify([pk, sk]);

/** What is due in these shards, by its key, as it is in the table. */
const dueIn = ({ table, now }: Watched, shards: readonly number[]): ReadonlyMap<string, string> => {
  const isDue = ({ dueAt, dueShard }: Item): boolean =>
    shards.includes(Number(dueShard?.["S"])) && Number(dueAt?.["N"]) <= now();
  return new Map(
    table.items().flatMap((item) => (isDue(item) ? [[nameOf(item), JSON.stringify(item)]] : [])),
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
  return () => {
    if (chronicle.faults() !== faults) return;
    const after = dueIn(watched, shards);
    for (const [name, item] of before)
      if (after.get(name) === item)
        chronicle.violate({ invariant: "drained", what: `nobody looked at ${name}` });
  };
};

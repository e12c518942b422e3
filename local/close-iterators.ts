/** As much of an iterator of LevelDB as is needed here. */
type Iterator = { readonly close: () => Promise<void> };
export type Iterating = { keys: () => Iterator; values: () => Iterator };

/**
 * Lets dynalite close what it reads with. It ends each Query and Scan by calling `return` on the
 * iterator, if there is such a method; those of its LevelDB have only `close`. One that stays open
 * keeps all that was stored at its time, so that memory and files would grow with every write for
 * as long as the process runs. Of no effect on a version of either that knows better.
 */
export const letIteratorsClose = async (db: Iterating): Promise<void> => {
  for (const iterator of [db.keys(), db.values()]) {
    const prototype = Object.getPrototypeOf(iterator);
    prototype.return ??= function (this: Iterator): Promise<void> {
      return this.close();
    };
    await iterator.close();
  }
};

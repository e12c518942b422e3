type Table = { readonly TableStatus: string };
type Found = (error: unknown, table?: Table) => void;

/** The tables of a store of dynalite. */
export type TableStore = {
  getTable: (name: string, checkStatus: boolean | Found, found?: Found) => void;
};

/**
 * Keeps the description of each table that is in use, which the engine else reads and parses in
 * each call. `forget` is to be called when one may have changed.
 */
export const rememberTables = (store: TableStore): { readonly forget: () => void } => {
  const tables = new Map<string, Table>();
  const read = store.getTable;
  store.getTable = (name, checkStatus, found) => {
    const done = typeof checkStatus === "function" ? checkStatus : (found as Found);
    const table = tables.get(name);
    if (table) {
      // As a read does, which never calls back at once.
      queueMicrotask(() => done(null, table));
      return;
    }
    // Without a say in it, its status is checked.
    read(name, checkStatus !== false, (error, description) => {
      if (description?.TableStatus === "ACTIVE") tables.set(name, description);
      done(error, description);
    });
  };
  return { forget: () => tables.clear() };
};

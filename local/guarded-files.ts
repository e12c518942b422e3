import { unavailable } from "./engine-gate.ts";
import { type LevelDb, levelClass, type Operation } from "./level-db.ts";

/** The files of an engine, whose writes stop for good with the first that fails. */
export type GuardedFiles = {
  /** Closes the files, opens them again, and lets writes through. Rejects if one cannot be made. */
  readonly reopen: () => Promise<void>;
};

type Waiting = {
  readonly operations: readonly Operation[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

/** dynalite answers an error that has a status; any other it throws where nobody can catch it. */
const answerable = (cause: unknown): Error =>
  Object.assign(new Error("The files of the table failed", { cause }), unavailable);

const orAnswerable = async <Result>(result: Promise<Result>): Promise<Result> => {
  try {
    return await result;
  } catch (error) {
    throw answerable(error);
  }
};

/**
 * Writes one batch at a time: those that come meanwhile are the next one. After a write that fails
 * there is no other, since LevelDB would put it behind the torn end of the failed one, where the
 * next start finds neither; and nothing is acknowledged by then that is not in front of it.
 */
const writer = (batch: LevelDb["batch"], onFailure: (error: unknown) => void) => {
  let waiting: Waiting[] = [];
  let isWriting = false;
  let failure: Error | undefined;

  const writeGroup = async (group: readonly Waiting[]): Promise<void> => {
    try {
      if (failure) throw failure;
      await batch(group.flatMap(({ operations }) => operations));
      for (const { resolve } of group) resolve();
    } catch (error) {
      const isFirst = failure === undefined;
      failure ??= answerable(error);
      for (const { reject } of group) reject(failure);
      if (isFirst) onFailure(error);
    }
  };
  const drain = async (): Promise<void> => {
    isWriting = true;
    while (waiting.length > 0) await writeGroup(waiting.splice(0));
    isWriting = false;
  };
  const write = (operations: readonly Operation[]): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting = [...waiting, { operations, resolve, reject }];
      if (!isWriting) void drain();
    });
  const restart = (): void => {
    failure = undefined;
  };
  return { write, restart };
};

/**
 * Makes an engine whose LevelDB is guarded: `make` must create exactly one. The engine binds the
 * methods of its LevelDB while it is made, so they are replaced in its class for as long.
 */
export const withGuardedFiles = <Engine>(
  make: () => Engine,
  onFailure: (error: unknown) => void,
): { readonly engine: Engine; readonly files: GuardedFiles } => {
  const { prototype } = levelClass();
  const plain: LevelDb = Object.getPrototypeOf(prototype);
  const found: LevelDb[] = [];
  const db = (): LevelDb => found[0] as LevelDb;
  const batch: LevelDb["batch"] = async (operations) => {
    // A batch that is given to files which are being opened comes back to the guarded method.
    if (db().status === "opening") await plain.open.call(db());
    await plain.batch.call(db(), operations);
  };
  // In this thread: to hand a read over to another one takes longer than LevelDB takes for it.
  const read: LevelDb["get"] = async (key) =>
    db().status === "open" ? plain.getSync.call(db(), key) : plain.get.call(db(), key);
  const writes = writer(batch, onFailure);
  const guarded = {
    put: (key: string, value: unknown) => writes.write([{ type: "put", key, value }]),
    del: (key: string) => writes.write([{ type: "del", key }]),
    batch: writes.write,
    get: (key: string) => orAnswerable(read(key)),
  };
  for (const [name, method] of Object.entries(guarded)) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: LevelDb) {
        if (!found.includes(this)) found.push(this);
        return method;
      },
      // The engine then puts a method of its own over the one that it has bound.
      set(this: LevelDb, value: unknown) {
        Object.defineProperty(this, name, { value, configurable: true, writable: true });
      },
    });
  }
  try {
    const engine = make();
    if (found.length !== 1)
      throw new Error("The embedded table does not use its files as expected");
    guardReads(db(), plain);
    return { engine, files: { reopen: reopening(db, plain, writes.restart) } };
  } finally {
    for (const name of Object.keys(guarded)) Reflect.deleteProperty(prototype, name);
  }
};

const reopening = (db: () => LevelDb, plain: LevelDb, restart: () => void) => async () => {
  await plain.close.call(db());
  await plain.open.call(db());
  // Rejects while LevelDB can still not write. The key is nobody's.
  await plain.batch.call(db(), [{ type: "del", key: "trial" }]);
  restart();
};

const guardReads = (db: LevelDb, plain: LevelDb): void => {
  for (const name of ["keys", "values"] as const) {
    db[name] = (options) => {
      const iterator = plain[name].call(db, options);
      const next = iterator.next.bind(iterator);
      iterator.next = () => orAnswerable(next());
      return iterator;
    };
  }
};

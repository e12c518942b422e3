/** Runs work in order, as soon as there is a free place. */
export type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Returns a function that runs at most `atOnce` works at the same time. Others wait in order. */
export const inTurn = (atOnce: number): InTurn => {
  const waiting: (() => void)[] = [];
  let running = 0;
  const turn = async (): Promise<void> => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
  };
  return async (work) => {
    await turn();
    try {
      return await work();
    } finally {
      // The next in line takes over the place.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
};

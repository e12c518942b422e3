/** Runs work as soon as fewer than a number of others run, in the order in which it came. */
export type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Returns a function that lets at most `atOnce` works run, and has the others wait. */
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
      // Whoever is next takes the place over.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
};

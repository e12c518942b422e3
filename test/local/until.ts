import { setImmediate as nextTurn } from "node:timers/promises";

/** Resolves as soon as the condition holds; the time limit of the test is its limit. */
export const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await nextTurn();
};

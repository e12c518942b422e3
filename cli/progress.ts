import type { Clock } from "../adapters/clock.ts";
import { showProgress } from "../adapters/terminal.ts";

/** A line each time would fill the log of whoever runs a command for hours. */
const everyMs = 10_000;

/**
 * Says on standard error how far a command is: on a terminal in one line that is written over,
 * elsewhere in a line every ten seconds. `end` makes room for whatever is printed next.
 */
export const progress = (clock: Clock) => {
  const { stderr } = process;
  let saidAt = Number.NEGATIVE_INFINITY;
  let isOpen = false;
  const note = (text: string): void => {
    if (!stderr.isTTY && clock() - saidAt < everyMs) return;
    saidAt = clock();
    isOpen = true;
    showProgress(stderr, text);
  };
  const end = (): void => {
    if (isOpen) showProgress(stderr, "");
    isOpen = false;
  };
  return { note, end };
};

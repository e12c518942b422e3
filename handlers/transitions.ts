import type { OnTransition, Transition } from "../domain/change.ts";

type Step = Pick<Transition, "verb" | "from" | "to">;

/**
 * Collects the changes of state that one request, attempt or act makes, for its line in the log.
 */
export const collectTransitions = (): {
  readonly steps: readonly Step[];
  readonly on: OnTransition;
} => {
  const steps: Step[] = [];
  return { steps, on: ({ verb, from, to }) => steps.push({ verb, from, to }) };
};

import type { Numbers } from "./numbers.ts";

/**
 * Whether the message ends from every state, once faults stop. Returns the first state from which
 * it does not; nothing if there is none.
 *
 * It asks of each state whether *some* way of steps that are the system's own work leads to an end:
 * no fault, no person who repeats, cancels or replays, no target that accepts or refuses for good
 * (those are choices, and would be help). On a graph without end states that are left out, and
 * that is finite, this is the same as to ask whether the message ends on *every* way on which no
 * step that is possible again and again is put off for ever: such a way can go round only where
 * nothing leads out. A worker that is never given a turn, and a time that never comes, are what
 * this rules out; nothing else.
 *
 * States are numbered nearest first, so most ways lead to higher numbers: going through them from
 * the last to the first, again until nothing is new, takes few rounds.
 */
export const endsFrom = (
  states: readonly string[],
  work: Numbers,
  workEnd: Numbers,
  hasEnded: (state: string) => boolean,
): number | undefined => {
  const ends = new Uint8Array(states.length);
  for (let index = 0; index < states.length; index += 1)
    if (hasEnded(states[index] ?? "")) ends[index] = 1;
  const leadsToEnd = (index: number): boolean => {
    const start = index === 0 ? 0 : workEnd.at(index - 1);
    for (let edge = start; edge < workEnd.at(index); edge += 1)
      if (ends[work.at(edge)] === 1) return true;
    return false;
  };
  for (let isNew = true; isNew; ) {
    isNew = false;
    for (let index = states.length - 1; index >= 0; index -= 1) {
      if (ends[index] === 1 || !leadsToEnd(index)) continue;
      ends[index] = 1;
      isNew = true;
    }
  }
  const endless = ends.indexOf(0);
  return endless < 0 ? undefined : endless;
};

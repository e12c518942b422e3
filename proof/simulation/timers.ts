/** What happens at a virtual time. The sequence number keeps those of one moment in order. */
type Timer = { readonly at: number; readonly sequence: number; readonly run: () => void };

export type Timers = {
  readonly now: () => number;
  /** Runs something when the clock gets there; a time that has passed is now. */
  readonly at: (time: number, run: () => void) => void;
  readonly next: () => number | undefined;
  /** Moves the clock, at most to the next timer, and runs what is due then. */
  readonly moveTo: (time: number) => void;
};

const isBefore = (one: Timer, other: Timer): boolean =>
  one.at < other.at || (one.at === other.at && one.sequence < other.sequence);

/** A virtual clock and a binary heap of what waits for it. */
export const timersFrom = (start: number): Timers => {
  const heap: Timer[] = [];
  let now = start;
  let sequence = 0;

  const swap = (one: number, other: number): void => {
    const kept = heap[one] as Timer;
    heap[one] = heap[other] as Timer;
    heap[other] = kept;
  };
  const smaller = (one: number, other: number): boolean =>
    other < heap.length && isBefore(heap[other] as Timer, heap[one] as Timer);

  const push = (timer: Timer): void => {
    heap.push(timer);
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!smaller(parent, at)) return;
      swap(parent, at);
      at = parent;
    }
  };
  const pop = (): Timer => {
    const first = heap[0] as Timer;
    const last = heap.pop() as Timer;
    if (heap.length > 0) heap[0] = last;
    for (let at = 0; ; ) {
      const left = smaller(at, 2 * at + 1) ? 2 * at + 1 : at;
      const least = smaller(left, 2 * at + 2) ? 2 * at + 2 : left;
      if (least === at) return first;
      swap(at, least);
      at = least;
    }
  };

  return {
    now: () => now,
    at: (time, run) => {
      sequence += 1;
      push({ at: Math.max(time, now), sequence, run });
    },
    next: () => heap[0]?.at,
    moveTo: (time) => {
      now = Math.max(now, Math.min(time, heap[0]?.at ?? time));
      while (heap[0] && heap[0].at <= now) pop().run();
    },
  };
};

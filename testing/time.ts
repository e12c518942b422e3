import { AsyncLocalStorage } from "node:async_hooks";
import TinyQueue from "tinyqueue";
import type { Clock } from "../adapters/clock.ts";

/** A piece of work under way. It stands still while all that it does is to wait for a time. */
type Task = { waits: number };
type Moment = { readonly at: number; readonly sequence: number; readonly wake: () => void };

/** A clock that stands still until it is moved, and the work that waits for it. */
export type VirtualTime = {
  /** Epoch milliseconds. */
  readonly now: Clock;
  /**
   * Resolves when the clock gets there. Outside of any task nobody would move it: the wait moves it
   * itself.
   */
  readonly wait: (ms: number) => Promise<void>;
  /** Has the clock stop at a time, because something may be done then. */
  readonly stopAt: (time: number) => void;
  /** Returns the next time at which the clock must stop, or something waits for it. */
  readonly next: () => number | undefined;
  readonly moveTo: (time: number) => void;
  /** Wakes the first that waits for a time that has come. Returns false if there is none. */
  readonly wake: () => boolean;
  /** Begins a task. An error that it throws is thrown by the next `quiet`. */
  readonly begin: (work: () => Promise<void>) => void;
  /** Has the next `quiet` throw an error. */
  readonly report: (error: unknown) => void;
  /** Resolves when every task has ended or waits for a time. */
  readonly quiet: () => Promise<void>;
  /** Counts a call as work: nothing is quiet before it has ended. */
  readonly during: <Result>(call: () => Promise<Result>) => Promise<Result>;
};

/** Taken before a test may replace it. Lets everything run that can run at once. */
const { setImmediate } = globalThis;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const virtualTime = (start: number): VirtualTime => {
  const moments = new TinyQueue<Moment>(
    [],
    (one, other) => one.at - other.at || one.sequence - other.sequence,
  );
  const current = new AsyncLocalStorage<Task>();
  const tasks = new Set<Task>();
  const errors: unknown[] = [];
  let now = start;
  let sequence = 0;
  let calls = 0;
  let changed = (): void => {};

  const report = (error: unknown): void => {
    errors.push(error);
  };
  const add = (at: number, wake: () => void): void => {
    sequence += 1;
    moments.push({ at, sequence, wake });
  };
  const moveTo = (time: number): void => {
    now = Math.max(now, time);
  };
  const isQuiet = (): boolean => calls === 0 && [...tasks].every(({ waits }) => waits > 0);

  const wait = (ms: number): Promise<void> => {
    const task = current.getStore();
    if (!task) {
      moveTo(now + ms);
      return Promise.resolve();
    }
    task.waits += 1;
    changed();
    return new Promise((resolve) =>
      add(now + ms, () => {
        task.waits -= 1;
        resolve();
      }),
    );
  };
  const run = async (task: Task, work: () => Promise<void>): Promise<void> => {
    try {
      await current.run(task, work);
    } catch (error) {
      report(error);
    }
    tasks.delete(task);
    changed();
  };
  const quiet = async (): Promise<void> => {
    for (;;) {
      await turn();
      if (isQuiet()) break;
      await new Promise<void>((resolve) => {
        changed = resolve;
      });
    }
    if (errors.length > 0) throw errors.shift();
  };

  return {
    now: () => now,
    wait,
    moveTo,
    stopAt: (time) => add(time, () => {}),
    next: () => moments.peek()?.at,
    wake: () => {
      const first = moments.peek();
      if (!first || first.at > now) return false;
      moments.pop();
      first.wake();
      return true;
    },
    begin: (work) => {
      const task = { waits: 0 };
      tasks.add(task);
      void run(task, work);
    },
    ...{ quiet, report },
    during: async (call) => {
      calls += 1;
      try {
        return await call();
      } finally {
        calls -= 1;
        changed();
      }
    },
  };
};

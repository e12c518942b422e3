import { inspect } from "node:util";
import type * as Jest from "@jest/globals";
import { bind } from "jest-each";

/*
 * What test files find under `@jest/globals`. The runner loads test files as Node loads any module,
 * where that package refuses to be imported. It knows no time limit, and a rejection that nobody
 * waits for ends its worker, after which a run may hang. So both are looked after here, around each
 * test and each hook.
 */
type Globals = Pick<
  typeof Jest,
  "afterAll" | "afterEach" | "beforeAll" | "beforeEach" | "describe" | "expect" | "jest" | "test"
>;
type Step = (...given: unknown[]) => unknown;
type Register = (name: string, step: Step, limitMs?: number) => void;

const found = globalThis as unknown as Globals;

/** Ends what hangs. How fast a machine is, or how busy, is no verdict: no test has less. */
const defaultLimitMs = 20 * 60_000;

/** Fails the step that is under way; between two, it is kept for the next one. */
let failStep: ((error: unknown) => void) | undefined;
const unseen: unknown[] = [];
process.on("uncaughtException", (error) => {
  if (failStep) failStep(error);
  else unseen.push(error);
});

/** What the runner can print: a thrown value as an error, and an error with its causes in its stack. */
const printable = (thrown: unknown): Error => {
  if (!(thrown instanceof Error)) return new Error(inspect(thrown));
  if (thrown.cause !== undefined) thrown.stack = inspect(thrown);
  return thrown;
};

/**
 * Fails a step that is not over in time, or while which something was thrown that nobody caught. It
 * takes no arguments: no test here has a callback.
 */
const guarded =
  (step: Step, limitMs = defaultLimitMs) =>
  async (): Promise<void> => {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`Not over after ${limitMs} ms`)), limitMs);
    failStep = reject;
    for (const error of unseen.splice(0)) reject(error);
    try {
      await Promise.race([promise, step()]);
    } catch (thrown) {
      throw printable(thrown);
    } finally {
      clearTimeout(timer);
      failStep = undefined;
    }
  };

const guardedTest: Register = (name, step, limitMs) => {
  (found.test as Register)(name, guarded(step, limitMs));
};
const guardedHook =
  (hook: "afterAll" | "afterEach" | "beforeAll" | "beforeEach") =>
  (step: Step, limitMs?: number): void =>
    found[hook](guarded(step, limitMs));

export const { describe, expect, jest } = found;
export const test = Object.assign(guardedTest, { each: bind(guardedTest as never, false) });
export const afterAll = guardedHook("afterAll");
export const afterEach = guardedHook("afterEach");
export const beforeAll = guardedHook("beforeAll");
export const beforeEach = guardedHook("beforeEach");

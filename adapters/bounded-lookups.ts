import { limits } from "../domain/limits.ts";
import type { Resolve } from "./target-lookup.ts";
import { within } from "./within.ts";

/** The look-up of one name, shared by everybody who asks for that name meanwhile. */
type LookUp = {
  readonly answer: Promise<readonly string[]>;
  readonly begin: () => void;
  askers: number;
};

/** Node's code for a name that cannot be looked up now: the delivery fails with `dns`. */
const tooSlow = (): Error =>
  Object.assign(new Error("The name servers did not answer in time"), { code: "EAI_AGAIN" });

/**
 * Bounds name look-ups, so that slow name servers delay only their own names:
 *
 * - At most `atOnce` names are looked up at the same time. Others wait in order, each until its own
 *   deadline. A name that nobody waits for any more is not looked up.
 * - Each name has one look-up at a time. Everybody who asks meanwhile shares it. A caller whose
 *   deadline passes leaves; the look-up continues for the others.
 * - A look-up that takes longer than `lookUpMs` fails with `EAI_AGAIN`. The operating system cannot
 *   stop it: until it returns it still holds a thread and counts as under way, and the name fails
 *   at once. So a name never holds more than one thread.
 */
export const boundedLookups = (
  resolve: Resolve,
  {
    atOnce = limits.lookUpsMax,
    lookUpMs = limits.lookUpMsMax,
  }: { readonly atOnce?: number; readonly lookUpMs?: number } = {},
): Resolve => {
  const byName = new Map<string, LookUp>();
  const waiting = new Set<LookUp>();
  let underWay = 0;

  const beginNext = (): void => {
    const [next] = waiting;
    if (next === undefined || underWay >= atOnce) return;
    waiting.delete(next);
    underWay += 1;
    next.begin();
  };

  const newLookUp = (hostname: string): LookUp => {
    const {
      promise: answer,
      resolve: succeed,
      reject: fail,
    } = Promise.withResolvers<readonly string[]>();
    const begin = async (): Promise<void> => {
      const overdue = setTimeout(() => fail(tooSlow()), lookUpMs).unref();
      try {
        succeed(await resolve(hostname));
      } catch (error) {
        fail(error);
      }
      clearTimeout(overdue);
      byName.delete(hostname);
      underWay -= 1;
      beginNext();
    };
    return { answer, begin, askers: 0 };
  };

  const enter = (hostname: string): LookUp => {
    const lookUp = newLookUp(hostname);
    byName.set(hostname, lookUp);
    waiting.add(lookUp);
    beginNext();
    return lookUp;
  };

  return async (hostname, signal) => {
    const lookUp = byName.get(hostname) ?? enter(hostname);
    lookUp.askers += 1;
    try {
      return await (signal ? within(signal, lookUp.answer) : lookUp.answer);
    } finally {
      lookUp.askers -= 1;
      if (lookUp.askers === 0 && waiting.delete(lookUp)) byName.delete(hostname);
    }
  };
};

import type { EngineCall } from "../adapters/engine-call.ts";
import { msOf, type Span } from "./duration.ts";
import { needingEngine } from "./engine.ts";
import { itemsOf } from "./items.ts";
import { machinery } from "./machinery.ts";
import type { TestPostriderOptions } from "./options.ts";
import { oneAtATime, type TestFailure } from "./outside.ts";
import { readOptions } from "./read-options.ts";
import type { PlaceReceiver } from "./receiver.ts";
import type { AddSender, TestFetch, TestSender } from "./senders.ts";
import type { TestTable } from "./table.ts";
import { virtualTime } from "./time.ts";

/** A Postrider in this process, whose clock stands still until `advance`. */
export type TestPostrider = TestSender & {
  /** The time, in epoch milliseconds. */
  readonly now: () => number;
  /**
   * Moves the clock, and runs whatever is due in between, in order: deliveries, retries, the
   * dispatcher. Resolves when all has ended that can end by then. Without a span it runs what is due
   * now. Throws what a receiver's function threw.
   */
  readonly advance: (by?: Span) => Promise<void>;
  readonly receiver: PlaceReceiver;
  /** Creates another sender. */
  readonly addSender: AddSender;
  readonly fetch: TestFetch;
  readonly table: Omit<TestTable, "stop">;
  /** What went wrong in Postrider itself, the oldest first. */
  readonly failures: readonly TestFailure[];
  readonly stop: () => Promise<void>;
};

/**
 * Starts the handlers of Postrider over a table and a queue in memory, and a network of receivers in
 * this process. No socket, no file, no sleep; the same test does the same each time. Throws an error
 * that names every fault of the options.
 */
export const startTestPostrider = async (
  options: TestPostriderOptions = {},
): Promise<TestPostrider> => {
  const settings = readOptions(options);
  const time = virtualTime(settings.startAt);
  const { embedTable } = await needingEngine(() => import("./embedded.ts"));
  const observe =
    (call: EngineCall): EngineCall =>
    (operation, input) =>
      time.during(() => call(operation, input));
  const { storage, stop } = await embedTable("postrider", observe);
  const { run, ...made } = machinery(storage, time, settings);
  const sender = await made.addSender(settings.senderId);
  const alone = oneAtATime();
  const advance: TestPostrider["advance"] = async (by = 0) => {
    const until = time.now() + msOf(by);
    await alone(() => run(until));
  };
  const items: TestTable["items"] = (index) => itemsOf(storage, index);
  return { ...sender, ...made, now: time.now, advance, table: { ...storage, items }, stop };
};

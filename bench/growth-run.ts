/**
 * The process in which `bench/growth.ts` has messages submitted and delivered, by the handlers over
 * an embedded table in memory, with many others in it. Its log goes to standard output, which nobody
 * reads.
 */

import type { EngineCall } from "../adapters/engine-call.ts";
import { submitAndDeliver } from "./flow-events.ts";
import { fill } from "./list-table.ts";
import { openFlow } from "./open-flow.ts";

export type GrowthAsked = { readonly messages: number; readonly fillTo?: number };
/** Processor time, calls of the table and units that it counts, of all of the messages. */
export type GrowthTook = {
  readonly processorMs: number;
  readonly calls: number;
  readonly units: number;
};

let [calls, units] = [0, 0];
const counting =
  (call: EngineCall): EngineCall =>
  async (operation, input) => {
    const answer = await call(operation, { ...input, ReturnConsumedCapacity: "TOTAL" });
    calls += 1;
    const { ConsumedCapacity: consumed } = answer.body as {
      ConsumedCapacity?: { CapacityUnits?: number };
    };
    units += consumed?.CapacityUnits ?? 0;
    return answer;
  };

const opened = await openFlow({ what: "deliver", by: "handlers", over: "engine" }, counting);
let stored = 0;

process.on("message", async ({ messages, fillTo = 0 }: GrowthAsked) => {
  if (fillTo > stored) await fill(opened.storage, stored, fillTo, () => "completed");
  stored = Math.max(stored, fillTo);
  [calls, units] = [0, 0];
  const before = process.cpuUsage();
  await submitAndDeliver(opened, messages);
  const { user, system } = process.cpuUsage(before);
  process.send?.({ processorMs: (user + system) / 1000, calls, units } satisfies GrowthTook);
});
process.send?.("ready");

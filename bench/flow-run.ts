/**
 * The process of one flow, as `bench/flows.ts` starts it: the handlers or what is written by hand,
 * over a stub or over the embedded table. It handles one event at a time, as a function on Lambda
 * does. Its log goes to standard output, which nobody reads.
 */

import { deliverAll, submitAll } from "./flow-events.ts";
import { type Calls, openFlow } from "./open-flow.ts";

/** Which flow it is. */
export type Flow = {
  readonly what: "ingest" | "deliver";
  readonly by: "handlers" | "hand";
  readonly over: "stub" | "engine";
};

/** What some messages took, and the calls that were made for them. */
export type FlowTook = {
  readonly processorMs: number;
  readonly wallMs: number;
  readonly calls: Readonly<Record<string, number>>;
};

const flow = JSON.parse(process.argv[2] ?? "") as Flow;
const opened = await openFlow(flow);

const timed = async (act: () => Promise<void>): Promise<FlowTook> => {
  const calls: Calls = opened.calls;
  calls.clear();
  const before = process.cpuUsage();
  const startedAt = performance.now();
  await act();
  const { user, system } = process.cpuUsage(before);
  return {
    wallMs: performance.now() - startedAt,
    processorMs: (user + system) / 1000,
    calls: Object.fromEntries([...calls].sort()),
  };
};

process.on("message", async (messages: number) => {
  if (flow.what === "ingest") process.send?.(await timed(() => submitAll(opened, messages)));
  else {
    opened.takeRecords();
    await submitAll(opened, messages);
    const bodies = opened.takeRecords();
    process.send?.(await timed(() => deliverAll(opened, bodies)));
  }
  opened.takeRecords();
});
process.send?.("ready");

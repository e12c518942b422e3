/**
 * The memory of a worker's HTTP client while many targets let it wait, in a process of its own, which
 * `bench/growth.ts` starts. The targets are in the process that asks: each a port of its own.
 */

import { systemClock } from "../adapters/clock.ts";
import { guardedPost } from "../adapters/http.ts";
import { parseCidr } from "../domain/address.ts";

/** Resident memory in MiB: before, with all of them waiting, and when all have answered. */
export type SlowTargets = {
  readonly beforeMiB: number;
  readonly waitingMiB: number;
  readonly afterMiB: number;
  readonly answered: number;
};

const residentMiB = (): number => process.memoryUsage().rss / 2 ** 20;

const loopback = parseCidr("127.0.0.0/8");
if (!loopback) throw new Error("127.0.0.0/8 is a range");
const post = guardedPost({
  policy: { allowed: [loopback], http: "allowed-ranges" },
  clock: systemClock,
});
const request = (port: number) => ({
  ...{ url: `http://127.0.0.1:${port}/`, method: "POST" as const },
  ...{ headers: { "content-type": "application/json" }, body: Buffer.alloc(500, "x") },
});

process.on("message", async (asked: { readonly ports: readonly number[] } | "arrived") => {
  if (asked === "arrived") {
    process.send?.({ waitingMiB: residentMiB() });
    return;
  }
  const first = await post(request(asked.ports[0] ?? 0), 30_000);
  const beforeMiB = residentMiB();
  process.send?.({ beforeMiB, first: first.kind });
  const made = await Promise.all(asked.ports.map((port) => post(request(port), 30_000)));
  const answered = made.filter(({ kind }) => kind === "answered").length;
  process.send?.({ afterMiB: residentMiB(), answered });
});
process.send?.("ready");

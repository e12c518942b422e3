/**
 * The load of `bench/local.ts`, in a process of its own: a receiver, and clients that submit. Reads a
 * round as a line of JSON from its input, and writes its result as one.
 */

import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../adapters/clock.ts";
import { print } from "../adapters/terminal.ts";

export type Round = {
  readonly edition: { readonly url: string; readonly apiKey: string; readonly senderId: string };
  readonly prefix: string;
  readonly messages: number;
  readonly clients: number;
  readonly bodyBytes: number;
  /** How many messages a second are submitted; as many as go without it. */
  readonly rate?: number;
};
export type Result = {
  /** From the first submit to the arrival of the last message. */
  readonly tookMs: number;
  /** Half of the messages arrived sooner after their submit than this. */
  readonly p50Ms: number;
  readonly refused: number;
  readonly repeats: number;
};

const agent = new Agent({ keepAlive: true, maxSockets: 100 });
const arrivedAt = new Map<string, number>();
let repeats = 0;
const receiver = createServer((incoming, response) => {
  const id = String(incoming.headers["postrider-message-id"]);
  if (arrivedAt.has(id)) repeats += 1;
  else arrivedAt.set(id, performance.now());
  incoming.resume();
  incoming.once("end", () => response.end());
});
await new Promise<void>((listening) => receiver.listen(0, "127.0.0.1", listening));
const targetUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;

const submit = ({ edition, bodyBytes }: Round, messageId: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const call = request(`${edition.url}/v1/messages`, {
      ...{ method: "POST", agent },
      headers: { authorization: `Bearer ${edition.apiKey}`, "content-type": "application/json" },
    });
    call.once("error", reject);
    call.once("response", (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode ?? 0));
    });
    const body = { text: "x".repeat(bodyBytes - '{"text":""}'.length) };
    const { senderId } = edition;
    const timestamp = new Date(systemClock()).toISOString();
    call.end(JSON.stringify({ messageId, senderId, timestamp, targetUrl, body }));
  });

const run = async (round: Round): Promise<Result> => {
  arrivedAt.clear();
  repeats = 0;
  const submittedAt = new Map<string, number>();
  const startedAt = performance.now();
  let next = 0;
  let refused = 0;
  const client = async (): Promise<void> => {
    while (next < round.messages) {
      const each = next;
      next += 1;
      if (round.rate)
        await sleep(Math.max(0, startedAt + (each * 1000) / round.rate - performance.now()));
      const id = `${round.prefix}-${each}`;
      submittedAt.set(id, performance.now());
      if ((await submit(round, id)) !== 202) refused += 1;
    }
  };
  await Promise.all(Array.from({ length: round.clients }, client));
  while (arrivedAt.size < round.messages - refused) await sleep(5);
  const waits = [...arrivedAt].map(([id, at]) => at - (submittedAt.get(id) ?? at));
  const p50Ms = waits.toSorted((one, other) => one - other)[Math.floor(waits.length / 2)] ?? 0;
  return { tookMs: Math.max(...arrivedAt.values()) - startedAt, p50Ms, refused, repeats };
};

for await (const line of createInterface({ input: process.stdin }))
  print(`${JSON.stringify(await run(JSON.parse(line)))}\n`);
process.exit(0);

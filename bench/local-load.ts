/**
 * The load of `bench/local.ts`, in a process of its own: a receiver, and clients that submit. Reads a
 * round as a line of JSON from its input, and writes its result as one.
 */

import { Agent, createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../adapters/clock.ts";
import { print } from "../adapters/terminal.ts";

/**
 * A request that hands over a message. In its URL and its body `{id}`, `{target}`, `{time}` and
 * `{text}` are put in: the id of the message, the URL of the receiver, now, and a text that makes the
 * message as long as it was asked for.
 */
export type Template = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};
export type Round = {
  readonly template: Template;
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

/** By the header of Postrider, else by the first text of the body that is such an id. */
const idOf = ({ headers }: IncomingMessage, body: string): string | undefined =>
  headers["postrider-message-id"]?.toString() ?? /bench-\d+-\d+/.exec(body)?.[0];

const receiver = createServer(async (incoming, response) => {
  const id = idOf(incoming, await text(incoming));
  if (id !== undefined && arrivedAt.has(id)) repeats += 1;
  else if (id !== undefined) arrivedAt.set(id, performance.now());
  response.end();
});
const port = Number(process.argv[2] ?? 0);
await new Promise<void>((listening) => receiver.listen(port, "127.0.0.1", listening));
const target = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;

const submit = ({ template, bodyBytes }: Round, id: string): Promise<number> => {
  const parts: Readonly<Record<string, string>> = {
    ...{ id, target, time: new Date(systemClock()).toISOString() },
    text: "x".repeat(Math.max(0, bodyBytes - '{"text":""}'.length)),
  };
  const filled = (whole: string, encode = (part: string) => part): string =>
    whole.replace(/\{(id|target|time|text)\}/g, (_, name) => encode(parts[name] ?? ""));
  return new Promise((resolve, reject) => {
    const call = request(filled(template.url, encodeURIComponent), {
      ...{ method: "POST", agent, headers: template.headers },
    });
    call.once("error", reject);
    call.once("response", (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode ?? 0));
    });
    call.end(filled(template.body));
  });
};

const isAccepted = (status: number): boolean => status >= 200 && status < 300;

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
      if (!isAccepted(await submit(round, id))) refused += 1;
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

import { setTimeout as pause } from "node:timers/promises";
import { Agent, request } from "undici";
import type { Clock } from "../../adapters/clock.ts";
import { nameOf } from "../invariants/judge.ts";
import type { EventLog } from "./log.ts";
import type { Tenant } from "./tenants.ts";
import type { Handed } from "./traffic.ts";

/** It waits ever longer, so that an edition that has too much to do is not given more. */
const waitMsMin = 250;
const waitMsMax = 15_000;

const isPromise = (status: number): boolean => status === 200 || status === 202;

/**
 * A sender that keeps to the rules: without an answer, or after a 503, it sends the same request
 * again. It writes down what it asked for and what it was told, each time.
 */
export const openSender = ({
  url,
  tenants,
  log,
  clock,
  patienceMs,
}: {
  readonly url: string;
  readonly tenants: readonly Tenant[];
  readonly log: EventLog;
  readonly clock: Clock;
  /** After this it gives a message up. */
  readonly patienceMs: number;
}) => {
  const agent = new Agent({ connections: 200, pipelining: 1, headersTimeout: 0 });
  const keys = new Map(tenants.map(({ senderId, apiKey }) => [senderId, apiKey]));
  const acknowledged = new Map<string, Handed["key"]>();
  const refusals = new Map<number, number>();

  const headersOf = (senderId: string) => ({
    authorization: `Bearer ${keys.get(senderId)}`,
    "content-type": "application/json",
  });

  /** What it was told, or how long to wait before the next try. */
  const ask = async ({ key, content, deliverAt, submit }: Handed, intendedAt: number) => {
    log.write({ kind: "asked", at: clock(), key, content, deliverAt, intendedAt });
    try {
      const answer = await request(`${url}/v1/messages`, {
        ...{ method: "POST", headers: headersOf(key.senderId), body: submit, dispatcher: agent },
      });
      await answer.body.dump();
      log.write({ kind: "told", at: clock(), key, content, status: answer.statusCode });
      return {
        status: answer.statusCode,
        waitMs: Number(answer.headers["retry-after"] ?? 1) * 1000,
      };
    } catch {
      return { status: 0, waitMs: 0 };
    }
  };

  const handOver = async (message: Handed, intendedAt: number): Promise<void> => {
    const end = clock() + patienceMs;
    for (let waitedMs = waitMsMin; ; waitedMs = Math.min(waitMsMax, waitedMs * 2)) {
      const { status, waitMs } = await ask(message, intendedAt);
      if (isPromise(status)) {
        acknowledged.set(nameOf(message.key), message.key);
        return;
      }
      refusals.set(status, (refusals.get(status) ?? 0) + 1);
      if ((status !== 0 && status !== 503) || clock() > end) return;
      await pause(Math.max(waitMs, waitedMs));
    }
  };

  /** The status of a message, as its sender is told it; none if there is no answer. */
  const look = async (key: Handed["key"]): Promise<string | undefined> => {
    try {
      const answer = await request(`${url}/v1/messages/${key.messageId}`, {
        ...{ headers: headersOf(key.senderId), dispatcher: agent },
      });
      const { senderId, status } = (await answer.body.json()) as Record<string, string>;
      return senderId === key.senderId ? status : undefined;
    } catch {
      return undefined;
    }
  };

  return {
    handOver,
    look,
    acknowledged,
    /** How often it was told what was no promise, by status; 0 is no answer. */
    refusals,
    close: () => agent.destroy(),
  };
};
export type Sender = ReturnType<typeof openSender>;

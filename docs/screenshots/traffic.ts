import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../adapters/clock.ts";
import type { StartedEdition } from "./edition.ts";

const hourMs = 3_600_000;

/** Starts a target on this machine that answers with the status that the path names: `/503`. */
export const startTarget = async () => {
  const server = createServer((request, response) => {
    const status = Number(request.url?.slice(1, 4)) || 200;
    const headers = { "content-type": "application/json" };
    request.resume();
    response.writeHead(status, headers).end('{"error":"the order service is being deployed"}');
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return { port, stop: () => server.close() };
};

/** What is sent: how many messages of a name, to which host and with which answer. */
const kinds = [
  { name: "order", count: 24, host: "127.0.0.1", status: 200 },
  { name: "invoice", count: 12, host: "127.0.0.1", status: 410 },
  { name: "refund", count: 9, host: "localhost", status: 503 },
  { name: "shipment", count: 8, host: "localhost", status: 503, retry: { maxAttempts: 1 } },
  { name: "reminder", count: 3, host: "127.0.0.1", status: 200, inMs: hourMs },
] as const;

/** Sends messages of every kind, and waits until the first attempt of each that is due has ended. */
export const sendTraffic = async (
  { url, apiKey, senderId }: StartedEdition,
  port: number,
): Promise<void> => {
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  const sent: string[] = [];
  for (const { name, count, host, status, ...more } of kinds)
    for (let index = 1; index <= count; index += 1) {
      const messageId = `${name}-${1000 + index}`;
      const now = systemClock();
      const message = {
        ...{ messageId, senderId, timestamp: new Date(now).toISOString() },
        ...{ targetUrl: `http://${host}:${port}/${status}`, body: { [name]: index } },
        ...("retry" in more && { retry: more.retry }),
        ...("inMs" in more && { deliverAt: new Date(now + more.inMs * index).toISOString() }),
      };
      await fetch(`${url}/v1/messages`, { method: "POST", headers, body: JSON.stringify(message) });
      if (!("inMs" in more)) sent.push(messageId);
    }
  for (const messageId of sent)
    for (let attempts = 0; attempts === 0; ) {
      const answer = await fetch(`${url}/v1/messages/${messageId}/attempts`, { headers });
      const { attempts: all } = (await answer.json()) as { attempts: { outcome: string }[] };
      attempts = all.filter(({ outcome }) => outcome !== "in-progress").length;
    }
};

/** Replays messages that fail again, and returns the job, which stops by itself. */
export const replayInVain = async ({ url, apiKey }: StartedEdition): Promise<string> => {
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  const body = JSON.stringify({ action: "replay", filter: { reason: "gone" } });
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`${url}/v1/jobs${path}`, { headers, ...init });
    return (await answer.json()) as { readonly jobId: string; readonly status: string };
  };
  let job = await ask("", { method: "POST", body });
  while (job.status === "RUNNING") job = await ask(`/${job.jobId}`);
  return job.jobId;
};

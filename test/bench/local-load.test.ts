import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { peerIn } from "../../bench/local-peer.ts";
import { startLoad } from "../../bench/local-processes.ts";
import { UnusableOption } from "../../bench/part.ts";

/** Something that delivers messages, and is not Postrider: it forwards bodies to the URL in them. */
const seen: { url: string | undefined; key: string | undefined }[] = [];
const forwarder: Server = createServer(async (incoming, response) => {
  const body = await text(incoming);
  seen.push({ url: incoming.url, key: incoming.headers["x-key"]?.toString() });
  const { to, payload } = JSON.parse(body) as { to: string; payload: object };
  const call = request(to, { method: "POST" }, (answer) => answer.resume());
  call.end(JSON.stringify(payload));
  response.writeHead(201).end();
});

beforeAll(async () => {
  await once(forwarder.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => {
  forwarder.closeAllConnections();
  forwarder.close();
});

const urlOf = (): string => `http://127.0.0.1:${(forwarder.address() as AddressInfo).port}`;

describe("What the local edition is compared with", () => {
  test("is any endpoint: the same load is sent to it, and what arrives is counted", async () => {
    const peer = peerIn({
      against: `${urlOf()}/publish/{id}`,
      body: '{"to":"{target}","payload":{"id":"{id}","text":"{text}"}}',
      header: ["X-Key: secret"],
      pids: String(process.pid),
    });
    const load = startLoad(0);

    const { template } = peer ?? { template: { url: "", headers: {}, body: "" } };
    const round = { template, prefix: "bench-7", messages: 25, clients: 4, bodyBytes: 200 };
    const result = await load.run(round);
    load.stop();

    expect(result).toMatchObject({ refused: 0, repeats: 0 });
    expect(seen).toHaveLength(25);
    expect(seen).toContainEqual({ url: "/publish/bench-7-24", key: "secret" });
  });

  test("costs what the processes cost whose ids are given", () => {
    const peer = peerIn({ against: `${urlOf()}/`, pids: `${process.pid},${process.pid}` });

    expect(peer?.cpuSeconds()).toBeGreaterThan(0);
    expect(peer?.residentMiB()).toBeGreaterThan(2 * 10);
  });

  test.each([
    ["is somewhere else", { against: "https://example.com/", pids: "1" }],
    ["has no processes to count", { against: "http://127.0.0.1:1/" }],
    ["has processes without ids", { against: "http://127.0.0.1:1/", pids: "one" }],
    ["cannot be known again", { against: "http://127.0.0.1:1/", pids: "1", body: "{}" }],
    ["has a header that is none", { against: "http://127.0.0.1:1/", pids: "1", header: ["key"] }],
    ["is not named", { pids: "1" }],
  ])("is refused where it %s", (_, values) => {
    expect(() => peerIn(values)).toThrow(UnusableOption);
  });

  test("is nothing unless it is named", () => {
    expect(peerIn({})).toBeUndefined();
  });
});

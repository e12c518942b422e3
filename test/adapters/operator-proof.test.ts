import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createRawServer } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import {
  challengeHeader,
  listenerAt,
  proofHeader,
  proofOf,
} from "../../adapters/operator-proof.ts";

const accessKeyId = "0123456789abcdef0123456789abcdef";
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const portOf = async (server: ReturnType<typeof createRawServer>): Promise<number> => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
};
const at = (port: number) => ({
  ...{ endpoint: `http://127.0.0.1:${port}`, table: "postrider" },
  ...{ accessKeyId, masterKeyId: "any" },
});
const withinMs = 30_000;

/** Everything that a listener at the address hears, and who it is taken for. */
const judged = async (answer: RequestListener) => {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(JSON.stringify([request.url, request.rawHeaders]));
    response.setHeader("connection", "close");
    answer(request, response);
  });
  return { listener: await listenerAt(at(await portOf(server)), withinMs), heard: heard.join() };
};

/** A listener that proves, with a key, to know a challenge. */
const proving =
  (key: string, challenge?: string): RequestListener =>
  ({ headers }, response) => {
    const proof = proofOf(key, challenge ?? String(headers[challengeHeader]));
    response.writeHead(204, { [proofHeader]: proof.toString("hex") }).end();
  };

test("a listener that proves to know the secret is the edition, and is not sent the secret", async () => {
  const { listener, heard } = await judged(proving(accessKeyId));

  expect(listener).toBe("own");
  expect(heard).toContain(challengeHeader);
  expect(heard).not.toContain(accessKeyId);
});

test.each<[string, RequestListener]>([
  ["knows the secret of another start", proving("0".repeat(32))],
  ["repeats the proof of another challenge", proving(accessKeyId, "0".repeat(32))],
  [
    "gives back the challenge",
    ({ headers }, response) =>
      response.writeHead(204, { [proofHeader]: String(headers[challengeHeader]) }).end(),
  ],
  ["agrees to everything", (_, response) => response.end("{}")],
  ["finds nothing", (_, response) => response.writeHead(404).end("<html>")],
])("a listener that %s is not the edition, and is not sent the secret", async (_, answer) => {
  const { listener, heard } = await judged(answer);

  expect(listener).toBe("gone");
  expect(heard).not.toContain(accessKeyId);
});

test("a listener that sends on to the edition is not the edition", async () => {
  const port = await portOf(createServer(proving(accessKeyId)));

  const { listener } = await judged((_, response) =>
    response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end(),
  );

  expect(listener).toBe("gone");
});

test("a listener that does not speak HTTP is not the edition", async () => {
  const port = await portOf(createRawServer((socket) => socket.end("SSH-2.0-OpenSSH\r\n")));

  expect(await listenerAt(at(port), withinMs)).toBe("gone");
});

test("where nobody listens there is no edition", async () => {
  const server = createRawServer();
  const port = await portOf(server);
  await new Promise((closed) => server.close(closed));

  expect(await listenerAt(at(port), withinMs)).toBe("gone");
});

test("a listener that gives no answer may be an edition that is suspended", async () => {
  const port = await portOf(createRawServer((socket) => closers.push(() => socket.destroy())));

  expect(await listenerAt(at(port), 1)).toBe("silent");
});

/** Senders that stop in the middle of a body: with a valid key, so that their bodies are read. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { limits } from "../../domain/limits.ts";
import { until, useEdition } from "../support/edition.ts";

const edition = useEdition();

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A submit of which the beginning of the body has been sent; resolves when the server has begun it. */
const halfSent = async (header: string, half: string): Promise<Socket> => {
  const { port, host } = new URL(edition.url);
  const socket = connect(Number(port), "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => {});
  socket.write(
    [
      ...["POST /v1/messages HTTP/1.1", `host: ${host}`, `authorization: Bearer ${edition.apiKey}`],
      // The server says `100 Continue` when it begins with the request.
      ...["content-type: application/json", "expect: 100-continue", header, "", half],
    ].join("\r\n"),
  );
  await once(socket, "data");
  return socket;
};
const withLength = () => halfSent("content-length: 100", '{"messageId":');
const inChunks = () => halfSent("transfer-encoding: chunked", '4\r\n{"me\r\n');

const submit = (messageId: string) =>
  edition.submit({ messageId, targetUrl: `${edition.url}/echo` });

test("a sender that hangs up in the middle of its body is no failure of ours", async () => {
  const brokenOff = () => edition.lines.filter((line) => line.includes('"VALIDATION_ERROR"'));

  for (const socket of [await withLength(), await inChunks()]) socket.destroy();
  await until(
    async () => brokenOff().length,
    (count) => count === 2,
  );

  expect((await submit("after")).status).toBe(202);
  expect(edition.lines.join("\n")).not.toMatch(/request failed|SYSTEM_ERROR|\s+at |aborted/);
});

test("more half-sent bodies than requests may be under way keep nobody from submitting", async () => {
  // The key is known from here on, so that those that follow get to their bodies at once.
  await submit("before");
  const count = limits.localRequestsMax / 2 + 10;
  await Promise.all(Array.from({ length: count }, () => [withLength(), inChunks()]).flat());

  const statuses: number[] = [];
  for (const messageId of ["one", "two", "three"]) statuses.push((await submit(messageId)).status);

  expect(statuses).toEqual([202, 202, 202]);
  // There is an end to how many are read: the oldest were refused.
  const refused = () => edition.lines.filter((line) => line.includes('"SYSTEM_ERROR"')).length;
  await until(
    async () => refused(),
    (lines) => lines >= 2 * count - limits.localBodiesMax,
  );
});

import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Sleep } from "../../adapters/clock.ts";
import type { Treatment } from "./play.ts";

/** The pause after each byte of a slow answer: its head alone takes longer than an attempt may. */
export const slowByteMs = 500;

/** Returns an answer as the bytes of HTTP. */
const bytesOf = (status: number): Buffer => {
  const length = status === 204 || status === 304 ? "" : "content-length: 0\r\n";
  const line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`;
  return Buffer.from(`${line}\r\n${length}connection: close\r\n\r\n`, "latin1");
};

/** Writes an answer byte by byte; `false` if the other side was gone before the last one. */
const answerSlowly = async (
  { socket }: ServerResponse,
  status: number,
  sleep: Sleep,
): Promise<boolean> => {
  for (const byte of bytesOf(status)) {
    if (!socket?.writable) return false;
    socket.write(Uint8Array.of(byte));
    await sleep(slowByteMs);
  }
  socket?.end();
  return true;
};

/**
 * Answers a request as its treatment says, and resolves when that is done: to `false` if the sender
 * closed the connection before it had the answer.
 */
export const answer = async (
  response: ServerResponse,
  { manner, status, delayMs }: Treatment,
  sleep: Sleep,
): Promise<boolean> => {
  const closed = new Promise<void>((resolve) => response.once("close", resolve));
  // An answer that nobody waits for any more is not waited for here either.
  if (delayMs > 0) await Promise.race([closed, sleep(delayMs)]);
  if (response.destroyed || !response.socket?.writable) return false;
  if (manner === "drop") {
    response.socket.destroy();
    return true;
  }
  if (manner === "slow") return answerSlowly(response, status, sleep);
  response.writeHead(status).end();
  await closed;
  return response.writableFinished;
};

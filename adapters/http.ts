import { Agent, buildConnector, request as exchange } from "undici";
import { type Cidr, isWithin } from "../domain/address.ts";
import { limits } from "../domain/limits.ts";
import type { Exchange } from "../domain/outcome.ts";
import type { OutgoingRequest } from "../domain/request.ts";
import type { Clock } from "./clock.ts";
import { BlockedTarget, classOf } from "./http-errors.ts";

/** Sends a request and says what came back, in any case within the deadline. Never throws. */
export type Post = (request: OutgoingRequest, deadlineMs: number) => Promise<Exchange>;

/** The address a host spells out; a name below localhost is loopback without asking (RFC 6761, 6.3). */
const literalOf = (hostname: string): string =>
  /(^|\.)localhost\.?$/.test(hostname) ? "127.0.0.1" : hostname.replace(/^\[|\]$/g, "");

/** Connects to literal addresses inside the allowed ranges, and to nothing else. */
const guardedConnector = (allowed: readonly Cidr[]): buildConnector.connector => {
  const connect = buildConnector({ timeout: limits.timeoutMsMax, allowH2: false });
  return (options, callback) => {
    const address = literalOf(options.hostname);
    // A name is no address, and so is inside no range: nothing is looked up.
    if (!isWithin(address, allowed)) {
      callback(new BlockedTarget(), null);
      return;
    }
    connect({ ...options, hostname: address }, callback);
  };
};

/** The media types whose beginning is worth keeping as a text. */
const isText = (contentType: string): boolean =>
  /^(text\/|application\/([\w.+-]+\+)?(json|xml)\b|application\/x-www-form-urlencoded)/i.test(
    contentType,
  );

const one = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

/** The first bytes of a response, at most `responseBytesMax`; what is wrong behind the status line
 * changes nothing about the status, so a body that breaks off ends where it breaks off. */
const readBeginning = async (body: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes >= limits.responseBytesMax) break; // which closes the connection
    }
  } catch {
    // Cut off by the target or by the deadline.
  }
  return Buffer.concat(chunks).subarray(0, limits.responseBytesMax);
};

/**
 * The client that deliveries are made with. It follows no redirect, asks for no compression, never
 * sends a request twice, and has one deadline for the whole exchange.
 */
export const guardedPost = (allowed: readonly Cidr[], clock: Clock): Post => {
  const dispatcher = new Agent({
    connect: guardedConnector(allowed),
    pipelining: 1,
    connections: 64,
    maxHeaderSize: limits.responseBytesMax,
    // The deadline covers these; undici's own are five minutes.
    headersTimeout: limits.timeoutMsMax,
    bodyTimeout: limits.timeoutMsMax,
  });

  return async ({ url, method, headers, body }, deadlineMs) => {
    const startedAt = clock();
    const durationMs = (): number => clock() - startedAt;
    const signal = AbortSignal.timeout(deadlineMs);
    try {
      const answer = await exchange(url, { method, headers, body, dispatcher, signal });
      const beginning = await readBeginning(answer.body);
      const contentType = one(answer.headers["content-type"]) ?? "";
      const text = isText(contentType)
        ? beginning.toString("utf8").slice(0, limits.responseTextCharsMax)
        : undefined;
      const retryAfter = one(answer.headers["retry-after"]);
      return {
        kind: "answered",
        status: answer.statusCode,
        durationMs: durationMs(),
        ...(text && { text }),
        ...(retryAfter && { retryAfter }),
      };
    } catch (error) {
      return { kind: "no-answer", class: classOf(error), durationMs: durationMs() };
    }
  };
};

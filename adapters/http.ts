import { Agent, type Dispatcher, request as exchange } from "undici";
import { limits } from "../domain/limits.ts";
import { type Exchange, isAccepted, type Timings } from "../domain/outcome.ts";
import type { OutgoingRequest } from "../domain/request.ts";
import { type TargetPolicy, targetUrlFaults } from "../domain/target-url.ts";
import { boundedLookups } from "./bounded-lookups.ts";
import type { Clock } from "./clock.ts";
import { guardedConnector, occasions } from "./guarded-connect.ts";
import { classOf } from "./http-errors.ts";
import { permittedAddresses, type Resolve, systemResolve } from "./target-lookup.ts";
import { within } from "./within.ts";

/** Sends a request and says what came back, in any case within the deadline. Never throws. */
export type Post = (request: OutgoingRequest, deadlineMs: number) => Promise<Exchange>;

/** The media types whose beginning is worth keeping as a text. */
const textTypes =
  /^(text\/|application\/([\w.+-]+\+)?(json|xml)\b|application\/x-www-form-urlencoded)/i;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const one = (headers: Headers, name: string): string => {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? "";
};

/** A compressed answer is no text: it is not unpacked, for nobody could say how large it would be. */
const isText = (headers: Headers): boolean =>
  textTypes.test(one(headers, "content-type")) && one(headers, "content-encoding") === "";

/**
 * The first bytes of a response: at most `responseBytesMax`, and what comes within `failedBodyMsMax`.
 * What is wrong behind the status line changes nothing about the status, so a body that breaks off
 * ends where it breaks off.
 */
const readBeginning = async (body: Dispatcher.ResponseData["body"]): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const end = setTimeout(() => body.destroy(), limits.failedBodyMsMax);
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes >= limits.responseBytesMax) break; // which closes the connection
    }
  } catch {
    // Cut off by the target, by the end of its time, or by the deadline.
  } finally {
    clearTimeout(end);
  }
  return Buffer.concat(chunks).subarray(0, limits.responseBytesMax);
};

/**
 * Reads a body of which nothing is needed, so that its connection can be kept; one that is long or
 * slow is not worth the time, and its connection is closed.
 */
const letGo = async (body: Dispatcher.ResponseData["body"]): Promise<void> => {
  const { responseBytesMax: limit, unneededBodyMsMax } = limits;
  try {
    await body.dump({ limit, signal: AbortSignal.timeout(unneededBodyMsMax) });
  } catch {
    // Too long or too slow, or broken off. The status is what counts, and that is here.
  }
};

/** As much of the answer to a failed attempt as is kept. What is not text is not waited for. */
const textOf = async ({ headers, body }: Dispatcher.ResponseData): Promise<string> => {
  if (!isText(headers)) {
    await letGo(body);
    return "";
  }
  const beginning = await readBeginning(body);
  return beginning.toString("utf8").slice(0, limits.responseTextCharsMax).toWellFormed();
};

/** Writes down what a look-up took. */
const timed =
  (resolve: Resolve, clock: Clock, timings: Timings): Resolve =>
  async (hostname, signal) => {
    const startedAt = clock();
    const addresses = await resolve(hostname, signal);
    timings.dnsMs = clock() - startedAt;
    return addresses;
  };

/**
 * The client that deliveries are made with. It connects to permitted addresses only, follows no
 * redirect, asks for no compression and unpacks none, takes no proxy from the environment, sends a
 * request once at most, and has one deadline for the whole exchange.
 *
 * Every request looks its target up, also one that finds a connection in the pool: a name that has
 * since been bound to a forbidden address is not sent anything more. Look-ups are bounded, so that
 * targets with slow name servers do not hold up the others.
 */
export const guardedPost = ({
  policy,
  clock,
  resolve: ask = systemResolve,
  ca,
}: {
  readonly policy: TargetPolicy;
  readonly clock: Clock;
  readonly resolve?: Resolve;
  /** Certificate authorities to trust in place of Node's, in PEM. */
  readonly ca?: string;
}): Post => {
  const resolve = boundedLookups(ask);
  const dispatcher = new Agent({
    connect: guardedConnector({ policy, clock, resolve, ca }),
    // Two requests on one connection would share its fate, and one might be sent again.
    pipelining: 1,
    connections: 64,
    maxHeaderSize: limits.responseBytesMax,
    // The deadline covers these; undici's own are five minutes.
    headersTimeout: limits.timeoutMsMax,
    bodyTimeout: limits.timeoutMsMax,
  });

  return async ({ url, method, headers, body }, deadlineMs) => {
    const startedAt = clock();
    const timings: Timings = {};
    // A copy: a connection that is made too late still writes its timings down.
    const ended = () => ({ durationMs: clock() - startedAt, timings: { ...timings } });
    // What was fine when the message was submitted may not be permitted any more.
    if (targetUrlFaults(url, policy).length > 0)
      return { kind: "no-answer", class: "target-blocked", ...ended() };
    try {
      const signal = AbortSignal.timeout(deadlineMs);
      const asking = { policy, resolve: timed(resolve, clock, timings) };
      const addresses = await permittedAddresses(asking, url, signal);
      const sent = occasions.run({ timings, addresses, endsAt: startedAt + deadlineMs }, () =>
        exchange(url, { method, headers, body, dispatcher, signal }),
      );
      // Undici hears a signal only once it is connected.
      const answer = await within(signal, sent);
      timings.firstByteMs = clock() - startedAt;
      const status = answer.statusCode;
      if (isAccepted(status)) {
        const accepted = { kind: "answered", status, ...ended() } as const;
        await letGo(answer.body);
        return accepted;
      }
      const text = await textOf(answer);
      const retryAfter = one(answer.headers, "retry-after");
      return {
        kind: "answered",
        status,
        ...ended(),
        ...(text && { text }),
        ...(retryAfter && { retryAfter }),
      };
    } catch (error) {
      return { kind: "no-answer", class: classOf(error), ...ended() };
    }
  };
};

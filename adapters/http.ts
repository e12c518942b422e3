import { Agent, type Dispatcher } from "undici";
import { limits } from "../domain/limits.ts";
import { type Exchange, isAccepted, type Timings } from "../domain/outcome.ts";
import type { OutgoingRequest } from "../domain/request.ts";
import { type TargetPolicy, targetUrlFaults } from "../domain/target-url.ts";
import { boundedLookups } from "./bounded-lookups.ts";
import type { Clock } from "./clock.ts";
import { currentExchange, guardedConnector } from "./guarded-connect.ts";
import { classOf } from "./http-errors.ts";
import { permittedAddresses, type Resolve, systemResolve } from "./target-lookup.ts";
import { within } from "./within.ts";

/**
 * Sends a request and returns the response or the class of its failure, within the deadline; a signal
 * that aborts counts as its end. Never throws.
 */
export type Post = (
  request: OutgoingRequest,
  deadlineMs: number,
  stop?: AbortSignal,
) => Promise<Exchange>;

/** The media types whose beginning is kept as text. */
const textTypes =
  /^(text\/|application\/([\w.+-]+\+)?(json|xml)\b|application\/x-www-form-urlencoded)/i;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const one = (headers: Headers, name: string): string => {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? "";
};

/** A compressed body is not kept: decompressing it could take any amount of memory. */
const isText = (headers: Headers): boolean =>
  textTypes.test(one(headers, "content-type")) && one(headers, "content-encoding") === "";

/**
 * Reads the first bytes of a response: at most `responseBytesMax`, and only what arrives within
 * `failedBodyMsMax`. An error in the body does not change the status, so a body that breaks off is
 * kept up to there.
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
    // Cut off by the target, by the time limit, or by the deadline.
  } finally {
    clearTimeout(end);
  }
  return Buffer.concat(chunks).subarray(0, limits.responseBytesMax);
};

/**
 * Reads and drops a body, so that its connection can be reused. If the body is long or slow, the
 * connection is closed instead.
 */
const letGo = async (body: Dispatcher.ResponseData["body"]): Promise<void> => {
  const end = setTimeout(() => body.destroy(), limits.unneededBodyMsMax);
  try {
    await body.dump({ limit: limits.responseBytesMax });
  } catch {
    // Too long, too slow, or broken off. Only the status counts, and it has arrived.
  } finally {
    clearTimeout(end);
  }
};

/**
 * Returns the kept part of the response to a failed attempt. A body that is not text is not
 * awaited.
 */
const textOf = async ({ headers, body }: Dispatcher.ResponseData): Promise<string> => {
  if (!isText(headers)) {
    await letGo(body);
    return "";
  }
  const beginning = await readBeginning(body);
  return beginning.toString("utf8").slice(0, limits.responseTextCharsMax).toWellFormed();
};

const timedOut = (): Error => new DOMException("The deadline has passed", "TimeoutError");

/** Returns the look-up of a name, which also records how long it takes. */
const recordingLookup =
  (resolve: Resolve, clock: Clock, timings: Timings): Resolve =>
  async (hostname, signal) => {
    const startedAt = clock();
    const addresses = await resolve(hostname, signal);
    timings.dnsMs = clock() - startedAt;
    return addresses;
  };

/**
 * Creates the HTTP client of deliveries. It connects to permitted addresses only, follows no
 * redirect, neither requests nor decompresses compressed responses, ignores proxies of the
 * environment, sends a request at most once, and has one deadline for the whole exchange.
 *
 * Every request looks its target up, also on a reused connection: a name that now has a forbidden
 * address gets nothing more. Look-ups are bounded, so targets with slow name servers do not delay
 * others.
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
    // Two requests on one connection would fail together, and one might be sent again.
    pipelining: 1,
    connections: 64,
    maxHeaderSize: limits.responseBytesMax,
    // The deadline covers these; undici's own are five minutes.
    headersTimeout: limits.timeoutMsMax,
    bodyTimeout: limits.timeoutMsMax,
  });

  return async ({ url, method, headers, body }, deadlineMs, stop) => {
    const startedAt = clock();
    const timings: Timings = {};
    // A copy: a connection that is made too late still writes its timings.
    const ended = () => ({ durationMs: clock() - startedAt, timings: { ...timings } });
    // A target that was permitted at submit may be forbidden by now.
    if (targetUrlFaults(url, policy).length > 0)
      return { kind: "no-answer", class: "target-blocked", ...ended() };
    // Not by `AbortSignal.timeout`, whose timer stays until the deadline, however soon the answer is.
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(timedOut()), deadlineMs);
    try {
      const signal = stop ? AbortSignal.any([deadline.signal, stop]) : deadline.signal;
      const { origin, pathname, search } = new URL(url);
      const asking = { policy, resolve: recordingLookup(resolve, clock, timings) };
      const addresses = await permittedAddresses(asking, url, signal);
      const sent = currentExchange.run({ timings, addresses, endsAt: startedAt + deadlineMs }, () =>
        dispatcher.request({ origin, path: `${pathname}${search}`, method, headers, body, signal }),
      );
      // undici obeys a signal only once it is connected.
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
    } finally {
      clearTimeout(timer);
    }
  };
};

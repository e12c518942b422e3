import type { Problem } from "./answers.ts";
import { PostriderError } from "./error.ts";
import type { Outside, Signal } from "./outside.ts";
import { isPassing, retryAfterMs, retryAfterMsMax, waitMs } from "./repeat.ts";

/** What one call may take. */
export type CallOptions = {
  /** Ends the call, which then throws the signal's reason. */
  readonly signal?: Signal | undefined;
  /**
   * The trace that the call belongs to (W3C Trace Context), for whom nothing else adds the header. What
   * is sent is handed on to its target. One that is not valid is ignored there.
   */
  readonly traceparent?: string | undefined;
  /** Goes with `traceparent`. */
  readonly tracestate?: string | undefined;
};

export type CallSettings = {
  /** Where Postrider is, such as `https://postrider.example.com`. */
  readonly url: string;
  /** An API key of the sender. */
  readonly key: string;
  /** How long one request may take, in milliseconds. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
  /** How many requests one call makes at most. Default: 4. */
  readonly requestsMax?: number | undefined;
};

export type Ask = {
  readonly method: "DELETE" | "GET" | "PATCH" | "POST";
  /** With the query. */
  readonly path: string;
  readonly body?: unknown;
  /** Asks for bytes in place of JSON: the result is a `Uint8Array`, or `undefined` for none. */
  readonly bytes?: true;
};

type Answer = {
  readonly status: number;
  readonly bytes: Uint8Array;
  readonly contentType: string | null;
  readonly waitMs: number;
};
type NoAnswer = { readonly cause: unknown };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

const parsed = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
};

/** Returns what a call that failed throws. */
const errorOf = (given: Answer | NoAnswer, requests: number): PostriderError => {
  if ("cause" in given)
    return new PostriderError("NO_ANSWER", "No answer came. To repeat the call is safe.", {
      ...{ requests, cause: given.cause },
    });
  const { status } = given;
  const json = parsed(given.bytes);
  if (!isObject(json) || typeof json["code"] !== "string")
    return new PostriderError(
      "UNEXPECTED_ANSWER",
      `Something that is not Postrider answered ${status}.`,
      { requests, status },
    );
  const { code, detail, issues, messageStatus, jobStatus } = json as Problem;
  return new PostriderError(code, detail, { requests, status, issues, messageStatus, jobStatus });
};

/** Returns what was asked for, if this is it: something that is not Postrider may have answered. */
const resultOf = (
  { status, bytes, contentType }: Answer,
  ask: Ask,
): { readonly is: unknown } | undefined => {
  if (status >= 300) return undefined;
  if (ask.bytes) {
    if (status === 204) return { is: undefined };
    return contentType === "application/octet-stream" ? { is: bytes } : undefined;
  }
  const json = parsed(bytes);
  return isObject(json) ? { is: json } : undefined;
};

/** Makes one call. */
export type Call = <Result>(ask: Ask, options?: CallOptions) => Promise<Result>;

/**
 * Returns a function that makes one call: the same request, byte for byte, until an answer that
 * will stay the same, or until the requests are used up. Throws a `PostriderError`.
 */
export const caller = (outside: Outside, settings: CallSettings) => {
  const { url, key, timeoutMs = 10_000, requestsMax = 4 } = settings;
  const { fetch, now, random, sleep } = outside;
  const base = url.replace(/\/+$/, "");

  const request = async (
    { method, path, body, bytes }: Ask,
    text: string | undefined,
    { signal, traceparent, tracestate }: CallOptions,
  ) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const given = signal as AbortSignal | undefined;
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        ...{ authorization: `Bearer ${key}`, accept: bytes ? "*/*" : "application/json" },
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(traceparent !== undefined && { traceparent }),
        ...(tracestate !== undefined && { tracestate }),
      },
      ...(text !== undefined && { body: text }),
      // A redirect would take the key elsewhere, or make a GET of a POST.
      redirect: "manual",
      signal: given ? AbortSignal.any([timeout, given]) : timeout,
    });
    return {
      status: response.status,
      bytes: new Uint8Array(await response.arrayBuffer()),
      contentType: response.headers.get("content-type"),
      waitMs: retryAfterMs(response.headers.get("retry-after"), now()),
    };
  };

  return async <Result>(ask: Ask, options: CallOptions = {}): Promise<Result> => {
    const { signal } = options;
    // Once: a repeat is the same bytes.
    const text = ask.body === undefined ? undefined : JSON.stringify(ask.body);
    for (let requests = 1; ; requests += 1) {
      const answer: Answer | NoAnswer = await request(ask, text, options).catch((cause) => ({
        cause,
      }));
      if (signal?.aborted) throw signal.reason;
      const result = "status" in answer ? resultOf(answer, ask) : undefined;
      if (result) return result.is as Result;

      const askedMs = "status" in answer ? answer.waitMs : 0;
      const mayPass = !("status" in answer) || isPassing(answer.status);
      if (!mayPass || requests >= requestsMax || askedMs > retryAfterMsMax)
        throw errorOf(answer, requests);
      await sleep(waitMs(requests, askedMs, random()), signal);
      if (signal?.aborted) throw signal.reason;
    }
  };
};

import type { Fetch, Outside } from "../../client/outside.ts";

/** One answer of a service, or why there was none. */
export type Reply =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** The parsed body; `undefined` if it is no JSON. */
      readonly json: unknown;
      /** The time of the service, in epoch milliseconds, if it said so. */
      readonly date?: number;
      readonly ms: number;
    }
  | { readonly kind: "no-answer"; readonly code: string };

const answerWithinMs = 10_000;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

type Failure = { readonly name?: string; readonly code?: string; readonly message?: string };

/** Returns what a failed fetch is called: mostly what caused it has a code, such as `ENOTFOUND`. */
const codeOf = (error: unknown): string => {
  const { name = "", code, cause } = error as Failure & { readonly cause?: Failure };
  return cause?.code ?? cause?.message ?? code ?? name;
};

/**
 * Returns a function that makes one request, once: a doctor tells what it sees, and repeats nothing
 * until it looks well. It follows no redirect, which would take the key elsewhere.
 */
export const serviceAsker =
  (
    { fetch, now }: Pick<Outside, "now"> & { readonly fetch: Fetch },
    {
      url,
      key,
      signal,
    }: { readonly url: string; readonly key?: string; readonly signal: AbortSignal },
  ) =>
  async (method: "GET" | "POST", path: string): Promise<Reply> => {
    const startedAt = now();
    try {
      const answer = await fetch(`${url.replace(/\/+$/, "")}${path}`, {
        method,
        headers: {
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...(method === "POST" && { "content-type": "application/json" }),
        },
        ...(method === "POST" && { body: "{}" }),
        redirect: "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]),
      });
      const json = parsed(new TextDecoder().decode(await answer.arrayBuffer()));
      const date = Date.parse(answer.headers.get("date") ?? "");
      return {
        ...{ kind: "answered", status: answer.status, json, ms: now() - startedAt },
        ...(Number.isNaN(date) ? {} : { date }),
      };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      return { kind: "no-answer", code: codeOf(error) };
    }
  };
export type AskService = ReturnType<typeof serviceAsker>;

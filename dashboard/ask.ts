import type { Problem } from "../client/answers.ts";
import type { Bindings } from "./env.ts";
import { PageProblem } from "./page-problem.ts";
import type { Holder, Session } from "./session.ts";

/** What the HTTP interface answered. */
export type Answered<Value> =
  | { readonly kind: "answer"; readonly value: Value }
  | { readonly kind: "refused"; readonly problem: Problem };

/**
 * Asks the HTTP interface with one key, in this process. So the dashboard can do what the key can do
 * and nothing else, and leaves the same entries. The types are those of the client.
 */
export type Ask = {
  readonly get: <Value>(path: string) => Promise<Answered<Value>>;
  /** Returns what is answered with bytes and not with JSON; none of them where there is nothing. */
  readonly bytes: (path: string) => Promise<Answered<Uint8Array>>;
  readonly send: <Value>(
    method: "POST" | "PATCH" | "DELETE",
    path: string,
    body?: object,
  ) => Promise<Answered<Value>>;
  /** Returns the answer to a GET, or throws what a page is shown instead of it. */
  readonly page: <Value>(path: string) => Promise<Value>;
};

export type AskDeps = {
  /** The HTTP interface. */
  readonly api: (request: Request, bindings: Bindings) => Response | Promise<Response>;
};

/** The interface is in this process: its address is never looked up. */
const origin = "http://postrider.invalid";

const isProblem = (response: Response): boolean =>
  response.headers.get("content-type") === "application/problem+json";

const answered = async <Value>(
  response: Response,
  read: () => Promise<Value>,
): Promise<Answered<Value>> => {
  if (!isProblem(response)) return { kind: "answer", value: await read() };
  const problem = (await response.json()) as Problem;
  // The key was revoked or has expired since: no page can say anything else.
  if (problem.code === "UNAUTHENTICATED") throw new PageProblem(problem);
  return { kind: "refused", problem };
};

const askWith = ({ api }: AskDeps, apiKey: string, address: string | undefined): Ask => {
  const ask = async (method: string, path: string, body?: object) => {
    const headers = {
      authorization: `Bearer ${apiKey}`,
      ...(body && { "content-type": "application/json" }),
    };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    return api(new Request(`${origin}${path}`, init), { address });
  };
  const json = async <Value>(...asked: Parameters<typeof ask>) => {
    const response = await ask(...asked);
    return answered(response, () => response.json() as Promise<Value>);
  };
  const get = <Value>(path: string) => json<Value>("GET", path);
  return {
    get,
    bytes: async (path) => {
      const response = await ask("GET", path);
      return answered(response, async () => new Uint8Array(await response.arrayBuffer()));
    },
    send: json,
    page: async <Value>(path: string) => {
      const answer = await get<Value>(path);
      if (answer.kind === "refused") throw new PageProblem(answer.problem);
      return answer.value;
    },
  };
};

/** Returns how to ask as either kind of holder. To ask as one who did not sign in is a problem. */
export const askerOf =
  (deps: AskDeps, session: Session, address: string | undefined) =>
  (holder: Holder): Ask => {
    const key = session[holder];
    if (!key) throw new PageProblem(keyMissing(holder));
    return askWith(deps, key.apiKey, address);
  };

const keyMissing = (holder: Holder): Problem => ({
  ...{ type: "about:blank", status: 403, code: "KEY_MISSING" },
  ...(holder === "sender"
    ? {
        title: "This page needs the key of a sender",
        detail:
          "Messages belong to senders, and only their own keys open them. You are signed in as an operator: open a sender on the page Senders, and look at its messages from there.",
      }
    : {
        title: "This page needs the key of an operator",
        detail: "Only operators manage senders, keys and signing secrets.",
      }),
});

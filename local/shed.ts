import { documentOf, Problem } from "../domain/problem.ts";

type Fetch = (request: Request) => Response | Promise<Response>;

const retryAfterSeconds = 2;

const refusal = (): Response => {
  const detail = "Too many requests are under way. Repeating the same request later is safe.";
  const document = documentOf(new Problem("SYSTEM_ERROR", detail));
  const headers = {
    "content-type": "application/problem+json",
    "retry-after": String(retryAfterSeconds),
    "cache-control": "no-store",
  };
  return new Response(JSON.stringify(document), { status: document.status, headers });
};

/**
 * Refuses at once what comes while `requestsMax` requests are under way. Taken, it would wait
 * behind them for longer than its sender does, who would repeat it, and so on until nothing is
 * answered in time. On AWS the concurrency of the function and the throttle of the API do this.
 */
export const shedding = (fetch: Fetch, requestsMax: number): Fetch => {
  let underWay = 0;
  return async (request) => {
    if (underWay >= requestsMax) return refusal();
    underWay += 1;
    try {
      return await fetch(request);
    } finally {
      underWay -= 1;
    }
  };
};

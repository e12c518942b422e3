import { refusal } from "./refusal.ts";

type Fetch = (request: Request) => Response | Promise<Response>;

/**
 * Refuses at once what comes while `requestsMax` requests are under way. Taken, it would wait
 * behind them for longer than its sender does, who would repeat it, and so on until nothing is
 * answered in time. On AWS the concurrency of the function and the throttle of the API do this.
 */
export const shedding = (fetch: Fetch, requestsMax: number): Fetch => {
  let underWay = 0;
  return async (request) => {
    if (underWay >= requestsMax) {
      const { body, ...init } = refusal("Too many requests are under way");
      return new Response(body, init);
    }
    underWay += 1;
    try {
      return await fetch(request);
    } finally {
      underWay -= 1;
    }
  };
};

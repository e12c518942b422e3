import { Problem } from "../domain/problem.ts";
import type { Bindings } from "../handlers/api/env.ts";
import { refusal } from "./refusal.ts";

type Fetch = (request: Request, bindings: Bindings) => Response | Promise<Response>;

const busy = "Too many requests are under way";

/**
 * Refuses at once what comes while `requestsMax` requests are under way. Taken, it would wait
 * behind them for longer than its sender does, who would repeat it, and so on until nothing is
 * answered in time. On AWS the concurrency of the function and the throttle of the API do this.
 *
 * A request is not under way while its body is read: a sender that stops in the middle of it would
 * hold the place of another. Of bodies that are being read there are at most `bodiesMax`: one more
 * has the oldest refused, which is the likeliest never to end.
 */
export const shedding = (
  fetch: Fetch,
  { requestsMax, bodiesMax }: { readonly requestsMax: number; readonly bodiesMax: number },
): ((request: Request, bindings?: Bindings) => Promise<Response>) => {
  let underWay = 0;
  /** What refuses each of the bodies that are being read; the oldest is the first. */
  const reading = new Set<(why: Problem) => void>();

  const refuseOldest = (): void => {
    const [oldest] = reading;
    if (oldest === undefined || reading.size < bodiesMax) return;
    reading.delete(oldest);
    oldest(new Problem("SYSTEM_ERROR", "Too many requests are being sent. Repeating is safe."));
  };

  return async (request, bindings) => {
    if (underWay >= requestsMax) {
      const { body, ...init } = refusal(busy);
      return new Response(body, init);
    }
    let hasPlace = true;
    underWay += 1;
    const giveBack = (): void => {
      if (hasPlace) underWay -= 1;
      hasPlace = false;
    };
    const whileReading: Bindings["whileReading"] = async (read) => {
      const { promise: refused, reject } = Promise.withResolvers<never>();
      refuseOldest();
      reading.add(reject);
      giveBack();
      const body = await Promise.race([read(), refused]).finally(() => reading.delete(reject));
      if (underWay >= requestsMax)
        throw new Problem("SYSTEM_ERROR", `${busy}. Repeating the same request later is safe.`);
      underWay += 1;
      hasPlace = true;
      return body;
    };
    try {
      return await fetch(request, { ...bindings, whileReading });
    } finally {
      giveBack();
    }
  };
};

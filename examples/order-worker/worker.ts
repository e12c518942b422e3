import type { Worker } from "postrider/worker";

export type Order = { readonly orderId: string; readonly total: number };

/** Hands an order over, in whatever way. True: it was taken, now or earlier under the same key. */
type HandOver = (order: Order, idempotencyKey: string) => Promise<boolean>;

/**
 * A worker of your own over Postrider's table: Postrider stores, schedules and looks after the
 * messages, and this hands them over its own way. What dies halfway is done again, under the same
 * key.
 */
export const orderWorker = (own: Worker, handOver: HandOver) =>
  own.handler(async (claimed) => {
    const taken = await handOver(claimed.json() as Order, claimed.id);
    return taken ? claimed.complete() : claimed.retry({ class: "status", status: 503 });
  });

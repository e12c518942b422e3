import { deployedWorker } from "postrider/worker";
import { orderWorker } from "./worker.ts";

/** What Lambda runs. `mail.addWorker` of the stack tells it which table and queue it works on. */
export const handler = orderWorker(deployedWorker(), async (order, idempotencyKey) => {
  const headers = { "content-type": "application/json", "idempotency-key": idempotencyKey };
  const request = { method: "PUT", headers, body: JSON.stringify(order) };
  const { ok } = await fetch(`https://orders.example/${order.orderId}`, request);
  return ok;
});

import { expect, test } from "@jest/globals";
import { gateOf, unavailable } from "../../local/engine-gate.ts";

const done = { statusCode: 200, body: {} };

test("while the gate is closed, callers are told to come later, and the engine is not called", async () => {
  let calls = 0;
  const gate = gateOf(async () => {
    calls += 1;
    return done;
  });

  await gate.close();
  const closed = await gate.call("PutItem", {});
  gate.open();

  expect([closed, calls]).toEqual([unavailable, 0]);
  expect(await gate.call("PutItem", {})).toBe(done);
});

test("it is closed when those who were in are answered", async () => {
  const { promise: answer, resolve } = Promise.withResolvers<typeof done>();
  const gate = gateOf(() => answer);
  const order: string[] = [];

  const call = gate.call("PutItem", {}).then(() => order.push("answered"));
  const closing = gate.close().then(() => order.push("closed"));
  resolve(done);
  await Promise.all([call, closing]);

  expect(order).toEqual(["answered", "closed"]);
});

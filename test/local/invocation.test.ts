import { expect, test } from "@jest/globals";
import { invocationContext } from "../../local/invocation.ts";

test("An invocation is told what is left of its time, and that it has none once all stops", () => {
  let now = 1000;
  const stopping = new AbortController();
  const told = invocationContext({
    ...{ timeoutMs: 60_000, clock: () => now },
    stopping: stopping.signal,
  });
  const left = () => told.getRemainingTimeInMillis();

  expect(left()).toBe(60_000);
  now += 59_000;
  expect(left()).toBe(1000);
  now += 2000;
  expect(left()).toBe(0);

  now = 1000;
  stopping.abort();
  expect(left()).toBe(0);
});

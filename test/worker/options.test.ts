import { expect, test } from "@jest/globals";
import { type Line, worker } from "../../worker/index.ts";
import { useTable } from "../support/table.ts";

const table = useTable();

test("Options that are wrong are named, all of them, and no key is shown", () => {
  const settings = { POSTRIDER_LEASE_MS: "soon", POSTRIDER_TABEL: "x" };
  const make = () => worker(table.storage, { masterKeys: "not-a-key-of-32-bytes", settings });

  expect(make).toThrow(/settings\.POSTRIDER_LEASE_MS: .*\n.*POSTRIDER_TABEL: .*\n.*masterKeys: /s);
  expect(make).not.toThrow(/not-a-key/);
});

test("A worker without options has the defaults of a deployment", async () => {
  const lines: Line[] = [];
  const log = { line: (line: Line) => lines.push(line), failure: () => {} };
  const { claim, handler } = worker(table.storage, { log });

  expect(await claim({ senderId: "shop", messageId: "none", attempt: 1 })).toBeUndefined();
  const nothing = { Records: [] };
  const context = { getRemainingTimeInMillis: () => 60_000 };
  expect(await handler((claimed) => claimed.complete())(nothing, context)).toEqual({
    batchItemFailures: [],
  });
  expect(lines).toMatchObject([{ event: "attempt", verdict: "record-dropped" }]);
});

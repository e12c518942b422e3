import { describe, expect, test } from "@jest/globals";
import { readDeployed } from "../../worker/deployed.ts";
import { deployedWorker, type Line, worker } from "../../worker/index.ts";
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

describe("A worker that addWorker has attached", () => {
  const told = {
    ...{ POSTRIDER_TABLE: "mail", POSTRIDER_QUEUE_URL: "https://sqs.example/1/mail" },
    ...{ POSTRIDER_METRICS_NAMESPACE: "Postrider/mail", POSTRIDER_SETTINGS: '{"A":"1"}' },
  };

  test("reads from its environment where it works", () => {
    expect(readDeployed({ ...told, PATH: "/bin" })).toEqual({
      ...{ table: "mail", queueUrl: "https://sqs.example/1/mail" },
      ...{ metricsNamespace: "Postrider/mail", settings: { A: "1" } },
    });
  });

  test("names every fault of its environment", () => {
    const { POSTRIDER_TABLE: _, ...rest } = told;
    const read = () =>
      readDeployed({ ...rest, POSTRIDER_QUEUE_URL: "mail", POSTRIDER_SETTINGS: "[1]" });

    expect(read).toThrow(/TABLE: is required\n.*QUEUE_URL: .*\n.*SETTINGS: must be a JSON object/s);
  });

  test("does not start where nothing was told", () => {
    expect(() => deployedWorker()).toThrow(/^The configuration has 4 faults:/);
  });
});

test("A namespace that CloudWatch does not take is a fault", () => {
  expect(() => worker(table.storage, { metricsNamespace: ":no" })).toThrow(
    /metricsNamespace: must/,
  );
});

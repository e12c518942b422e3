import { describe, expect, test } from "@jest/globals";
import { lambdaLog, verbsShown } from "../../adapters/lambda-log.ts";
import type { AttemptLine, SubmitLine } from "../../adapters/log.ts";
import { printedBy } from "../support/printed.ts";

const log = lambdaLog("worker");

/** The fields of the one line that is printed, but its time. */
const lineOf = (act: () => void): Readonly<Record<string, unknown>> => {
  const lines = printedBy(act).trimEnd().split("\n");
  const { timestamp, ...fields } = JSON.parse(lines[0] ?? "");
  expect(lines).toHaveLength(1);
  expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  return fields;
};

describe("Changes of state in the log", () => {
  test("are their verbs, where a message was in the usual state before", () => {
    const steps = [
      { verb: "submit", to: "PENDING" },
      { verb: "enqueue", from: "PENDING", to: "QUEUED" },
      { verb: "claim", from: "QUEUED", to: "PROCESSING" },
      { verb: "complete", from: "PROCESSING", to: "COMPLETED" },
    ] as const;

    expect(verbsShown(steps)).toBe("submit,enqueue,claim,complete");
  });

  test("name the state before where it was another one, or is not known", () => {
    expect(verbsShown([{ verb: "claim", from: "PENDING", to: "PROCESSING" }])).toBe(
      "claim<PENDING",
    );
    expect(verbsShown([{ verb: "erase", from: "FAILED", to: "FAILED" }])).toBe("erase<FAILED");
    expect(verbsShown([{ verb: "complete", to: "COMPLETED" }])).toBe("complete<unknown");
  });
});

describe("A submit", () => {
  const line: SubmitLine = {
    ...{ event: "submit", transitions: [], senderId: "shop", keyId: "key", messageId: "order-1" },
    ...{ targetHost: "example.com", bodyBytes: 2, status: "QUEUED", duplicate: false },
    durationMs: 7,
  };

  test("that was queued at once is short", () => {
    expect(lineOf(() => log.line(line))).toEqual({
      ...{ level: "INFO", message: "submit", transitions: "", senderId: "shop", keyId: "key" },
      ...{ messageId: "order-1", bodyBytes: 2, durationMs: 7 },
    });
  });

  test.each([
    ["waits", { status: "PENDING" }],
    ["is a repeat", { duplicate: true }],
    ["was refused", { status: undefined, problem: "MESSAGE_CONFLICT" } as Partial<SubmitLine>],
  ])("that %s has its state and its target", (_, other) => {
    const given = { ...line, ...other } as SubmitLine;

    const { status, duplicate, targetHost } = lineOf(() => log.line(given));
    expect({ status, duplicate, targetHost }).toEqual({
      ...{ status: given.status, duplicate: given.duplicate, targetHost: "example.com" },
    });
  });
});

describe("An attempt", () => {
  const line: AttemptLine = {
    ...{ event: "attempt", transitions: [], senderId: "shop", messageId: "order-1", attempt: 1 },
    ...{ class: "accepted", httpStatus: 200, verdict: "complete", exchangeMs: 5, durationMs: 9 },
    ...{ timings: { dnsMs: 1 }, targetHost: "example.com" },
  };

  test("that was accepted is short", () => {
    expect(lineOf(() => log.line(line))).toEqual({
      ...{ level: "INFO", message: "attempt", transitions: "", senderId: "shop" },
      ...{ messageId: "order-1", attempt: 1, class: "accepted", exchangeMs: 5, durationMs: 9 },
      targetHost: "example.com",
    });
  });

  test("that was accepted in another way says with which status", () => {
    expect(lineOf(() => log.line({ ...line, httpStatus: 204 }))["httpStatus"]).toBe(204);
  });

  test("that failed has everything", () => {
    const failed = { ...line, class: "status", httpStatus: 200, verdict: "retry" } as const;
    const { event: _, ...fields } = failed;

    expect(lineOf(() => log.line(failed))).toEqual({
      ...fields,
      ...{ level: "INFO", message: "attempt", transitions: "" },
    });
  });
});

test("A failure of ours names the function, what failed, and the error without its message", () => {
  const failure = () => log.failure("record failed", new Error("a secret"), { senderId: "shop" });

  expect(lineOf(failure)).toMatchObject({
    ...{ level: "ERROR", message: "record failed", service: "postrider-worker" },
    ...{ senderId: "shop", error: "Error" },
  });
  expect(printedBy(failure)).not.toContain("a secret");
});

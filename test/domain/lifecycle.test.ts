import { describe, expect, test } from "@jest/globals";
import {
  type Field,
  lifecycle,
  type Row,
  stampOf,
  type Verb,
  verbs,
} from "../../domain/lifecycle.ts";
import { isTerminal, type Status, statuses } from "../../domain/message.ts";

const rowOf = (verb: Verb): Row => lifecycle[verb];
const verbsFrom = (status: Status): readonly Verb[] =>
  verbs.filter((verb) => rowOf(verb).from.includes(status));
const stateAfter = (verb: Verb): Status | "same" => rowOf(verb).to;

const live = statuses.filter((status) => !isTerminal(status));
const ended = statuses.filter(isTerminal);
const endings = verbs.filter((verb) => ended.some((status) => status === stateAfter(verb)));

describe("the lifecycle", () => {
  // Said a second time on purpose: whoever changes what may follow what changes it here as well.
  test.each<[Verb, string, Status | "same"]>([
    ["submit", "", "PENDING"],
    ["enqueue", "PENDING", "QUEUED"],
    ["rollback", "QUEUED", "PENDING"],
    ["claim", "PENDING QUEUED", "PROCESSING"],
    ["complete", "PROCESSING", "COMPLETED"],
    ["retry", "PROCESSING", "PENDING"],
    ["fail", "PROCESSING", "FAILED"],
    ["abandon", "PROCESSING", "CANCELLED"],
    ["release", "PROCESSING", "PENDING"],
    ["releaseAsFailed", "PROCESSING", "FAILED"],
    ["releaseAsCancelled", "PROCESSING", "CANCELLED"],
    ["requestCancel", "PROCESSING", "same"],
    ["cancel", "PENDING QUEUED", "CANCELLED"],
    ["sendNow", "PENDING QUEUED", "PENDING"],
    ["postpone", "PENDING QUEUED PROCESSING", "same"],
    ["replay", "COMPLETED FAILED CANCELLED", "PENDING"],
    ["erase", "COMPLETED FAILED CANCELLED", "same"],
  ])("lets %s lead from %p to %s", (verb, from, to) => {
    expect(rowOf(verb).from.join(" ")).toBe(from);
    expect(stateAfter(verb)).toBe(to);
  });

  test("has no verb besides", () => {
    expect(verbs).toHaveLength(18);
  });

  test.each(live)("has in %s somebody who moves a message on, and the dispatcher", (status) => {
    const onward = verbsFrom(status).filter((verb) => stateAfter(verb) !== "same");
    const byDispatcher = verbsFrom(status).filter((verb) => rowOf(verb).by.includes("dispatcher"));

    expect(onward).not.toEqual([]);
    expect(byDispatcher).not.toEqual([]);
  });

  test.each(live)("leads from %s to every end", (status) => {
    const reached = new Set<Status>([status]);
    for (const at of reached)
      for (const verb of verbsFrom(at)) {
        const next = stateAfter(verb);
        if (next !== "same") reached.add(next);
      }

    expect([...reached]).toEqual(expect.arrayContaining(ended));
  });

  test.each(ended)("lets a %s message be moved by nothing but a replay", (status) => {
    const onward = verbsFrom(status).filter((verb) => stateAfter(verb) !== "same");

    expect(onward).toEqual(["replay"]);
  });

  test("comes to COMPLETED by the worker alone, who knows of the 2xx", () => {
    const completing = verbs.filter((verb) => stateAfter(verb) === "COMPLETED");

    expect(completing).toEqual(["complete"]);
    expect(rowOf("complete").by).toEqual(["worker"]);
  });
});

describe("a row", () => {
  test.each(endings)("%s ends a message and removes it from the due index", (verb) => {
    expect(rowOf(verb).remove).toEqual(expect.arrayContaining(["notBefore", "dueAt", "dueShard"]));
  });

  test.each(verbs.filter((verb) => stateAfter(verb) === "FAILED"))(
    "%s fails a message, stores the reason and puts it into the failed index",
    (verb) => {
      expect(rowOf(verb).set).toEqual(expect.arrayContaining(["failReason", "failedShard"]));
    },
  );

  test.each(verbs.filter((verb) => rowOf(verb).from.includes("PROCESSING")))(
    "%s removes the lease if it ends an attempt",
    (verb) => {
      const endsIt = stateAfter(verb) !== "same";

      expect(rowOf(verb).remove.includes("leaseUntil")).toBe(endsIt);
      expect(rowOf(verb).seen.includes("attempts")).toBe(endsIt || verb === "postpone");
    },
  );

  test("replay puts a message into the due index and removes it from the failed index", () => {
    const { set, remove } = rowOf("replay");

    expect(set).toEqual(expect.arrayContaining(["notBefore", "dueAt", "dueShard", "ttl"]));
    expect(remove).toEqual(
      expect.arrayContaining(["cancelRequestedAt", "failReason", "failedShard", "failedAt"]),
    );
  });

  test("only a claim counts attempts", () => {
    expect(verbs.filter((one) => rowOf(one).count.includes("attempts"))).toEqual([
      ...["claim", "claimAndReschedule"],
    ]);
  });

  test.each(verbs)("%s writes no field twice, and nothing of what was submitted", (verb) => {
    const { set, maySet, count, remove } = rowOf(verb);
    const touched: readonly Field[] = [...set, ...maySet, ...count, ...remove];
    const erased: readonly Field[] = verb === "erase" ? ["headers", "body", "payload"] : [];
    const asked: readonly Field[] = [
      ...(["senderId", "messageId", "timestamp", "targetUrl", "method", "headers"] as const),
      ...(["body", "bodyType", "payload", "fingerprint", "submitId", "createdAt"] as const),
    ];

    expect(new Set(touched).size).toBe(touched.length);
    const isTouched = (field: Field): boolean => touched.includes(field);
    expect(asked.filter(isTouched).toSorted()).toEqual(erased.toSorted());
  });

  test.each(verbs)("%s says why it exists and who makes it", (verb) => {
    expect(rowOf(verb).why).toMatch(/\.$/);
    expect(rowOf(verb).by).not.toEqual([]);
  });
});

test("every state has a time of its own", () => {
  expect(Object.keys(stampOf)).toEqual([...statuses]);
  expect(new Set(Object.values(stampOf)).size).toBe(statuses.length);
});

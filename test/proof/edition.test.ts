import { describe, expect, test } from "@jest/globals";
import { contentDigest } from "../../proof/edition/content.ts";
import { unsettledOf } from "../../proof/edition/endings.ts";
import { mergedLog } from "../../proof/edition/log.ts";
import type { RunAudit } from "../../proof/run-audit/run-audit.ts";
import { unbounded } from "../../proof/soak/bounds.ts";
import type { Figures } from "../../proof/soak/figures.ts";

describe("An attempt is unsettled", () => {
  const line = { message: "attempt", senderId: "shop", messageId: "order-7", attempt: 2 };
  const claimed = { to: "PROCESSING" };

  test("if the edition says that it claimed it and did nothing else", () => {
    expect(unsettledOf({ ...line, transitions: [claimed] }, 5)).toEqual({
      ...{ kind: "fault", what: "frozen", at: 5, attempt: 2 },
      key: { senderId: "shop", messageId: "order-7" },
    });
  });

  test.each([
    ["it was settled", { ...line, transitions: [claimed, { to: "COMPLETED" }] }],
    ["its record was dropped", { ...line, transitions: [] }],
    ["it was no attempt", { ...line, message: "dispatch", transitions: [claimed] }],
  ])("and not if %s", (_, said) => {
    expect(unsettledOf(said, 5)).toBeUndefined();
  });
});

test("A content is another one if anything that the sender decides is changed", () => {
  const content = {
    ...{ method: "POST", path: "/to/shop/hook?index=1", body: Buffer.from("a") },
    headers: { "Content-Type": "text/plain", "x-proof-index": "1", host: "127.0.0.1" },
  };
  const digest = contentDigest(content);

  const others = [
    { ...content, method: "PUT" },
    { ...content, path: "/to/shop/hook?index=2" },
    { ...content, body: Buffer.from("b") },
    { ...content, headers: { ...content.headers, "x-proof-index": "2" } },
    { ...content, headers: { ...content.headers, "x-proof-more": "1" } },
    { ...content, headers: { ...content.headers, "Content-Type": "text/html" } },
  ].map(contentDigest);

  expect(others).not.toContain(digest);
  // What belongs to the connection, and the case of a name, is none of the sender's business.
  const arrived = { "content-type": "text/plain", "x-proof-index": "1", host: "localhost" };
  expect(contentDigest({ ...content, headers: arrived })).toBe(digest);
});

test("What happened in one millisecond stays in the order of the logs", () => {
  const key = { senderId: "shop", messageId: "order-7" };
  const asked = { kind: "asked", at: 5, intendedAt: 5, key, content: "a" } as const;
  const answered = { kind: "answered", at: 5, key, attempt: 1, status: 200 } as const;

  expect(mergedLog([asked], [{ ...answered, at: 4 }, answered])).toEqual([
    ...[{ ...answered, at: 4 }, asked, answered],
  ]);
});

describe("A run is bounded", () => {
  const rssMb = { first: 100, last: 200, max: 300, perMinute: 50, perMinuteLately: 10 };
  const figures = { rssMb, requestsPerMessage: 1 } as Figures;
  const audit = { facts: { waiting: 0 } } as RunAudit;
  const given = { minutes: 3, expectedRequests: 1 };

  test("if everything has ended, and nothing grows for ever", () => {
    expect(unbounded(figures, audit, given)).toEqual([]);
  });

  test.each([
    ["something has not ended", figures, { facts: { waiting: 1 } } as RunAudit],
    ["it takes too much memory", { ...figures, rssMb: { ...rssMb, max: 2000 } }, audit],
    ["its memory grows", { ...figures, rssMb: { ...rssMb, perMinuteLately: 100 } }, audit],
    ["it repeats itself", { ...figures, requestsPerMessage: 1.1 }, audit],
  ])("and not if %s", (_, measured, judged) => {
    expect(unbounded(measured, judged, given)).toHaveLength(1);
  });
});

import { execFileSync } from "node:child_process";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  judge,
  type NoAnswerClass,
  noAnswerClasses,
  parseRetryAfter,
} from "../../domain/outcome.ts";
import { hourMs, minuteMs, t0 } from "../support/messages.ts";

const answered = (status: number, retryAfter?: string) =>
  judge({ kind: "answered", status, durationMs: 12, retryAfter }, t0);
const silent = (silence: NoAnswerClass) =>
  judge({ kind: "no-answer", class: silence, durationMs: 12 }, t0);

describe("an answer", () => {
  test.each([200, 201, 202, 204, 206, 299])("status %i is accepted", (status) => {
    expect(answered(status)).toEqual({ kind: "accepted", status });
  });

  test.each([
    ...[300, 301, 302, 303, 304, 307, 308],
    ...[400, 401, 403, 404, 405, 409, 411, 422, 429],
    ...[500, 501, 502, 503, 504, 599],
    ...[100, 199, 600],
  ])("of %i is tried again", (status) => {
    expect(answered(status)).toEqual({ kind: "retryable", class: "status", status });
  });

  test("status 410 is final, even with Retry-After", () => {
    const gone = { kind: "final", class: "status", status: 410, reason: "gone" };

    expect(answered(410)).toEqual(gone);
    expect(answered(410, "60")).toEqual(gone);
  });

  test.each([429, 503, 404, 302])("status %i may have a Retry-After", (status) => {
    expect(answered(status, "60")).toMatchObject({ status, retryAfterMs: minuteMs });
  });
});

describe("no answer", () => {
  const finals = ["target-blocked", "unsendable"] as const;

  test.each(noAnswerClasses.filter((silence) => !finals.some((final) => final === silence)))(
    "a failure by %s is retried",
    (silence) => {
      expect(silent(silence)).toEqual({ kind: "retryable", class: silence });
    },
  );

  test.each(finals)("a request that is %s is final", (silence) => {
    expect(silent(silence)).toEqual({ kind: "final", class: silence, reason: silence });
  });
});

describe("Retry-After", () => {
  test.each([
    ["seconds", "120", 2 * minuteMs],
    ["no seconds", "0", 0],
    ["seconds with spaces around", " 7 ", 7000],
    ["very many seconds", "9999999999", 9_999_999_999_000],
    ["an IMF date", "Mon, 02 Nov 2026 10:00:00 GMT", hourMs],
    ["an RFC 850 date", "Monday, 02-Nov-26 10:00:00 GMT", hourMs],
    ["an asctime date, which is in GMT as well", "Mon Nov  2 10:00:00 2026", hourMs],
  ])("may be %s", (_what, text, ms) => {
    expect(parseRetryAfter(text, t0)).toBe(ms);
  });

  test.each([
    ["nothing", undefined],
    ["empty", ""],
    ["a word", "soon"],
    ["a fraction", "1.5"],
    ["negative", "-5"],
    ["signed", "+5"],
    ["hexadecimal", "0x10"],
    ["more digits than any time has", "99999999999"],
    ["two values", "5, 10"],
    ["a date that is past", "Mon, 02 Nov 2026 08:59:59 GMT"],
    ["the date of now", "Mon, 02 Nov 2026 09:00:00 GMT"],
    ["a date that there is not", "Mon, 99 Nov 2026 10:00:00 GMT"],
    ["a day and no date", "Monday"],
    ["an ISO date", "2026-11-02T10:00:00Z"],
  ])("that is %s says nothing", (_what, text) => {
    expect(parseRetryAfter(text, t0)).toBeUndefined();
  });

  test("means the same wherever it is read", () => {
    const outcome = new URL("../../domain/outcome.ts", import.meta.url).href;
    const script = `
      import { parseRetryAfter } from ${JSON.stringify(outcome)};
      console.log(parseRetryAfter("Mon Nov  2 10:00:00 2026", ${t0}));
    `;

    const printed = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      env: { TZ: "Asia/Tokyo" },
      encoding: "utf8",
    });

    expect(printed.trim()).toBe(String(hourMs));
  });

  test("is nothing or a length of time, whatever a target sends", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = parseRetryAfter(text, t0);

        expect(ms === undefined || (Number.isSafeInteger(ms) && ms >= 0)).toBe(true);
      }),
    );
  });
});

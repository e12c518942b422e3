/** In which words a submit is refused: each issue of each member, and how long an answer may get. */
import { describe, expect, test } from "@jest/globals";
import { aRequest, start, useService } from "../../support/service.ts";

const service = useService();
let ids = 0;

type Issue = { readonly path: readonly (string | number)[]; readonly message: string };

const dayMs = 86_400_000;
const iso = (ms: number): string => new Date(ms).toISOString();

/** A number that no double carries, which is put into the text as it is. */
const huge = "%1e999%";

/** The issues of a submit with these members in place of valid ones. */
const issuesWith = async (
  members: Readonly<Record<string, unknown>>,
): Promise<readonly Issue[]> => {
  const messageId = `wording-${++ids}`;
  const text = JSON.stringify(aRequest({ messageId, body: undefined, ...members }));
  const { status, json } = await service.request("/v1/messages", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: text.replaceAll(`"${huge}"`, huge.slice(1, -1)),
  });
  expect(status).toBe(400);
  return json.issues;
};

const id = "must be 1 to 128 of A-Z a-z 0-9 _ . : - (and not . or ..)";
const messageId = "must be 1 to 128 characters of printable ASCII without spaces (and not . or ..)";
const time = "must be a time such as 2026-01-31T12:00:00Z (RFC 3339)";
const wait = "must be a duration such as 30s, 2m or 6h, at most 24h";
const method = "must be one of DELETE, GET, PATCH, POST, PUT";
const whole = "must be a whole number";
const required = "is required";
const text = "must be a string";
const lost = "must be canonical base64: the unused bits before the padding must be zero";
const headers = "must be an object of header names and values";

/** What a member may be given, and what is said of it. */
const table: readonly (readonly [member: string, value: unknown, message: string])[] = [
  ...["messageId", "senderId"].flatMap((member) => [
    [member, undefined, required] as const,
    [member, null, text] as const,
    [member, 5, text] as const,
    [member, huge, text] as const,
    ...["", "a b", "x".repeat(129)].map(
      (value) => [member, value, member === "senderId" ? id : messageId] as const,
    ),
  ]),
  ["timestamp", undefined, required],
  ["timestamp", 1_772_366_400_000, time],
  ["timestamp", "yesterday", time],
  ["timestamp", huge, time],
  ["timestamp", `2026-03-01T12:00:00.${"0".repeat(44)}Z`, "must be at most 64 characters long"],
  ["targetUrl", undefined, required],
  ["targetUrl", 5, text],
  ["targetUrl", null, text],
  ["targetUrl", huge, text],
  ["method", "HEAD", method],
  ["method", "post", method],
  ["method", 5, method],
  ["method", null, method],
  ["headers", null, headers],
  ["headers", "a: b", headers],
  ["headers", huge, headers],
  ["bodyBase64", 5, text],
  ["bodyBase64", null, text],
  ["deliverAt", 5, time],
  ["deliverAt", null, time],
  ["deliverAt", "soon", time],
  ["deliverAt", iso(start + 31 * dayMs), "must be at most 30 days ahead"],
  ["giveUpAt", false, time],
  ["giveUpAt", "never", time],
  ["giveUpAt", iso(start - 1), "must be later than the first attempt"],
  ["giveUpAt", iso(start + 15 * dayMs), "must be at most 14 days after the first attempt"],
  ["retry", null, "must be an object"],
  ["retry", [], "must be an object"],
  ["retry", huge, "must be an object"],
  ["timeoutMs", "1000", whole],
  ["timeoutMs", null, whole],
  ["timeoutMs", huge, whole],
  ["timeoutMs", 99.5, whole],
  ["timeoutMs", 99, "must be at least 100"],
  ["timeoutMs", 30_001, "must be at most 30000"],
  ["timeoutMs", 1e300, "must be at most 30000"],
  ["timeoutMs", -1e300, "must be at least 100"],
  ["retentionDays", "30", whole],
  ["retentionDays", 1.5, whole],
  ["retentionDays", 0, "must be at least 1"],
  ["retentionDays", 366, "must be at most 365"],
  ["redact", "body", "must be an array"],
  ["redact", null, "must be an array"],
  ["redact", Array(4).fill("body"), "must have at most 3 entries"],
  ["extra", 1, "is not a known member"],
];

const inRetry: typeof table = [
  ["retry.maxAttempts", "3", whole],
  ["retry.maxAttempts", 2.5, whole],
  ["retry.maxAttempts", 0, "must be at least 1"],
  ["retry.maxAttempts", 51, "must be at most 50"],
  ["retry.schedule", "1s", "must be an array"],
  ["retry.schedule", null, "must be an array"],
  ["retry.schedule", {}, "must be an array"],
  ["retry.schedule", [], "must have at least 1 entry"],
  ["retry.schedule", Array(50).fill("1s"), "must have at most 49 entries"],
  ["retry.jitter", 1, "is not a known member"],
];

describe("An issue says in our words", () => {
  test.each(table)("what is wrong with %s %j: %s", async (member, value, message) => {
    expect(await issuesWith({ [member]: value })).toEqual([{ path: [member], message }]);
  });

  test.each(inRetry)("what is wrong with %s %j: %s", async (member, value, message) => {
    const [, name = ""] = member.split(".");

    expect(await issuesWith({ retry: { [name]: value } })).toEqual([
      { path: ["retry", name], message },
    ]);
  });

  test.each([
    [5, text],
    [null, text],
    ["", wait],
    ["5", wait],
    ["25h", wait],
  ])("what is wrong with an entry of retry.schedule %j: %s", async (value, message) => {
    expect(await issuesWith({ retry: { schedule: ["1s", value] } })).toEqual([
      { path: ["retry", "schedule", 1], message },
    ]);
  });

  test.each([
    [{ body: 1, bodyBase64: "" }, "bodyBase64", "cannot be given together with body"],
    [{ method: "GET", body: 1 }, "method", "is GET, which has no body"],
    [{ body: "\ud800" }, "body", "contains an unpaired surrogate, which UTF-8 cannot encode"],
    [
      { headers: { host: "a" } },
      "headers.host",
      "is set from targetUrl, and would name another server",
    ],
    [{ headers: { "x-a": 1 } }, "headers.x-a", "must have a string as its value"],
  ])("what is wrong between and inside members: %j", async (members, path, message) => {
    expect(await issuesWith(members)).toEqual([{ path: path.split("."), message }]);
  });

  test.each([
    ["-_-_", "must be base64 with + and /, not base64url with - and _"],
    ["AAA\n", "must be base64 without white space"],
    ["A A=", "must be base64 without white space"],
    ["%%%%", "must be base64 (RFC 4648, 4)"],
    ["=AAA", "must be base64 (RFC 4648, 4)"],
    ["AA==AA==", "must be base64 (RFC 4648, 4)"],
    ["QUJDé", "must be base64 (RFC 4648, 4)"],
    ["AA", "must be base64 with its padding: its length must be a multiple of 4"],
    ["AA=", "must be base64 with its padding: its length must be a multiple of 4"],
    ["A", "must be base64 with its padding: its length must be a multiple of 4"],
    ["AB==", lost],
    ["AAB=", lost],
    ["////AP==", lost],
  ])("what is wrong with bodyBase64 %j: %s", async (bodyBase64, message) => {
    expect(await issuesWith({ bodyBase64 })).toEqual([{ path: ["bodyBase64"], message }]);
  });
});

describe("An answer stays short", () => {
  test("though names are long: each is cut, and no pair of surrogates is split", async () => {
    const name = `${"x".repeat(62)}\u{1f600}${"x".repeat(10_000)}`;

    const issues = await issuesWith({ [name]: 1, ["y".repeat(64)]: 1 });

    expect(issues.map(({ path }) => path)).toEqual([
      [`${"x".repeat(62)}\ufffd…`],
      ["y".repeat(64)],
    ]);
  });

  test("though headers have long names: they are cut in the message too", async () => {
    const name = "x".repeat(100_000);

    const issues = await issuesWith({ headers: { [name]: "1", [name.toUpperCase()]: "2" } });

    expect(issues.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^is the same header as x+…$/),
    );
    expect(JSON.stringify(issues).length).toBeLessThan(2000);
  });
});

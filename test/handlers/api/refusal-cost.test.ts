import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { compileCache } from "../../support/compile-cache.ts";

const root = join(import.meta.dirname, "../../..");

/** The API function has 512 MB in all; half of that must do for one request. */
const heapMb = 256;

type Refusal = { readonly detail: string; readonly issues: readonly { message: string }[] };

/** Reads and parses requests of one kind. */
const readers = {
  submit: "submissionParser(target)(parseJson(body), facts);",
  batch: `for (const entry of batchEntries(parseJson(body)))
            refusing(() => submissionParser(target)(entry, facts));`,
};

/** Reads and parses one request in a process with a small heap; what each message is answered. */
const refusalsOf = (text: string, kind: keyof typeof readers): readonly Refusal[] => {
  const script = `
    import { arrayBuffer } from "node:stream/consumers";
    import { batchEntries } from "./handlers/api/batch-parser.ts";
    import { parseJson } from "./handlers/api/read-json.ts";
    import { submissionParser } from "./handlers/submission/parser.ts";
    const body = await arrayBuffer(process.stdin);
    const target = { allowed: [], http: "never" };
    const facts = { senderId: "demo", now: 0 };
    const refusals = [];
    const refusing = (read) => {
      try {
        read();
      } catch ({ message, issues }) {
        refusals.push({ detail: message, issues });
      }
    };
    refusing(() => { ${readers[kind]} });
    console.log(JSON.stringify(refusals));`;
  const { status, stdout, stderr } = spawnSync(
    join(root, "node_modules/.bin/node"),
    [`--max-old-space-size=${heapMb}`, "--input-type=module", "--eval", script],
    {
      cwd: root,
      input: text,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], ...compileCache },
    },
  );
  if (status !== 0) throw new Error(`The process ended with ${status}: ${stderr.slice(-400)}`);
  return JSON.parse(stdout);
};

const refusalOf = (text: string): Refusal => {
  const [refusal] = refusalsOf(text, "submit");
  if (!refusal) throw new Error("The request was not refused");
  return refusal;
};

const submission = (rest: string): string =>
  `{"messageId":"m","senderId":"demo","timestamp":"2026-03-01T12:00:00Z","targetUrl":"https://example.com",${rest}}`;

test.each([
  ["repeated members", `{${Array.from({ length: 400_000 }, () => `"a":1`).join()}}`],
  [
    "repeated headers",
    submission(`"headers":{${Array.from({ length: 150_000 }, () => `"x-a":"1"`).join()}}`),
  ],
  ["unknown members", `{${Array.from({ length: 200_000 }, (_, n) => `"n${n}":1`).join()}}`],
])("%s, as many as fit into a request, cost no more than a small heap", (_what, text) => {
  const { detail, issues } = refusalOf(text);

  expect(detail).toBe("The request has more than 100 faults.");
  expect(issues).toHaveLength(100);
});

test("a schedule that is too long is refused by its length alone", () => {
  const { issues } = refusalOf(submission(`"retry":{"schedule":[${"1,".repeat(500_000)}1]}`));

  expect(issues).toEqual([
    { path: ["retry", "schedule"], message: "must have at most 49 entries" },
  ]);
});

test("a long text that is not JSON is refused without looking for the place", () => {
  const { issues } = refusalOf("[".repeat(2 * 1024 * 1024 - 1).concat("x"));

  expect(issues).toEqual([{ path: [], message: "is not JSON (RFC 8259)" }]);
});

test.each([
  ["numbers", `${"[".repeat(498)}${"1e400,".repeat(300_000)}1${"]".repeat(498)}`],
  ["an exponent", `1e-${"9".repeat(2_000_000)}`],
])("a body that is too large is refused by its size, whatever is in it: %s", (_what, body) => {
  expect(refusalOf(submission(`"body":${body}`)).detail).toMatch(/^The body has \d+ bytes/);
});

test.each(["[", '{"a":'])("a body of two million %s costs no call for each level", (open) => {
  const depth = open === "[" ? 1_000_000 : 300_000;
  const close = open === "[" ? "]" : "}";
  const body = `${open.repeat(depth)}1${close.repeat(depth)}`;

  const { issues } = refusalOf(submission(`"body":${body}`));

  expect(issues).toEqual([{ path: ["body"], message: "is nested more than 500 deep" }]);
});

describe("A batch", () => {
  const tenOf = (text: string): string => `{"messages":[${Array(10).fill(text).join()}]}`;

  test.each([
    ["repeated members", `{${Array.from({ length: 80_000 }, () => `"a":1`).join()}}`],
    ["unknown members", `{${Array.from({ length: 40_000 }, (_, n) => `"n${n}":1`).join()}}`],
  ])("of messages with %s, as many as fit, costs no more than a small heap", (_what, text) => {
    const refusals = refusalsOf(tenOf(text), "batch");

    expect(refusals.map(({ issues }) => issues.length)).toEqual(Array(10).fill(100));
  });

  test.each([
    [
      "a million messages",
      `{"messages":[${"1,".repeat(2_000_000)}1]}`,
      "must have at most 10 entries",
    ],
    [
      "messages that are given again",
      `{${`"messages":[1],`.repeat(250_000)}"messages":[1]}`,
      "is given more than once",
    ],
    [
      "unknown members",
      `{"messages":[1]${Array.from({ length: 400_000 }, (_, n) => `,"n${n}":1`).join("")}}`,
      "is not a known member",
    ],
  ])("with %s is refused at no greater cost", (_what, text, message) => {
    const [refusal, ...others] = refusalsOf(text, "batch");

    expect([refusal?.issues[0]?.message, others]).toEqual([message, []]);
  });

  test("of bodies of two million arrays costs no call for each level", () => {
    const body = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;

    const refusals = refusalsOf(tenOf(submission(`"body":${body}`)), "batch");

    const issues = [{ path: ["body"], message: "is nested more than 500 deep" }];
    expect(refusals).toEqual(Array(10).fill({ detail: "The request has 1 fault.", issues }));
  });
});

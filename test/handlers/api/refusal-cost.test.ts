import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { compileCache } from "../../support/compile-cache.ts";

const root = join(import.meta.dirname, "../../..");

/** The API function has 512 MB in all; half of that must do for one request. */
const heapMb = 256;

/** Reads and parses one request in a process with a small heap; what it is answered. */
const refusalOf = (text: string): { detail: string; issues: readonly { message: string }[] } => {
  const script = `
    import { arrayBuffer } from "node:stream/consumers";
    import { parseJson } from "./handlers/api/read-json.ts";
    import { submissionParser } from "./handlers/api/submission-parser.ts";
    const body = await arrayBuffer(process.stdin);
    try {
      const target = { allowed: [], http: "never" };
      submissionParser(target)(parseJson(body), { senderId: "demo", now: 0 });
    } catch ({ message, issues }) {
      console.log(JSON.stringify({ detail: message, issues }));
    }`;
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

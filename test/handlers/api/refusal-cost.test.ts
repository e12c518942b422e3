import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

/** The API function has 512 MB in all; half of that must do for one request. */
const heapMb = 256;

type Refusal = { readonly detail: string; readonly issues: readonly { message: string }[] };

/** The process that reads and parses the requests, in a small heap. */
let reader: ChildProcess;
let ended: Promise<never>;
beforeAll(() => {
  reader = fork(join(import.meta.dirname, "../../support/refusing-reader.ts"), {
    execArgv: [`--max-old-space-size=${heapMb}`],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  ended = once(reader, "exit").then(([code, signal]) => {
    throw new Error(`The reader ended with ${code ?? signal}`);
  });
  // Told by whatever waits for an answer.
  ended.catch(() => {});
});
afterAll(() => {
  if (reader.connected) reader.disconnect();
});

/** What each message of a request is answered, by the reader of its kind. */
const refusalsOf = async (text: string, kind: "submit" | "batch"): Promise<readonly Refusal[]> => {
  reader.send({ kind, body: Buffer.from(text) });
  const answer = new Promise<readonly Refusal[]>((resolve) => reader.once("message", resolve));
  return Promise.race([answer, ended]);
};

const refusalOf = async (text: string): Promise<Refusal> => {
  const [refusal] = await refusalsOf(text, "submit");
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
])("%s, as many as fit into a request, cost no more than a small heap", async (_what, text) => {
  const { detail, issues } = await refusalOf(text);

  expect(detail).toBe("The request has more than 100 faults.");
  expect(issues).toHaveLength(100);
});

test("a schedule that is too long is refused by its length alone", async () => {
  const { issues } = await refusalOf(submission(`"retry":{"schedule":[${"1,".repeat(500_000)}1]}`));

  expect(issues).toEqual([
    { path: ["retry", "schedule"], message: "must have at most 49 entries" },
  ]);
});

test("a long text that is not JSON is refused without looking for the place", async () => {
  const { issues } = await refusalOf("[".repeat(2 * 1024 * 1024 - 1).concat("x"));

  expect(issues).toEqual([{ path: [], message: "is not JSON (RFC 8259)" }]);
});

test.each([
  ["numbers", `${"[".repeat(498)}${"1e400,".repeat(300_000)}1${"]".repeat(498)}`],
  ["an exponent", `1e-${"9".repeat(2_000_000)}`],
])(
  "a body that is too large is refused by its size, whatever is in it: %s",
  async (_what, body) => {
    const { detail } = await refusalOf(submission(`"body":${body}`));

    expect(detail).toMatch(/^The body has \d+ bytes/);
  },
);

test.each(["[", '{"a":'])("a body of two million %s costs no call for each level", async (open) => {
  const depth = open === "[" ? 1_000_000 : 300_000;
  const close = open === "[" ? "]" : "}";
  const body = `${open.repeat(depth)}1${close.repeat(depth)}`;

  const { issues } = await refusalOf(submission(`"body":${body}`));

  expect(issues).toEqual([{ path: ["body"], message: "is nested more than 500 deep" }]);
});

describe("A batch", () => {
  const tenOf = (text: string): string => `{"messages":[${Array(10).fill(text).join()}]}`;

  test.each([
    ["repeated members", `{${Array.from({ length: 80_000 }, () => `"a":1`).join()}}`],
    ["unknown members", `{${Array.from({ length: 40_000 }, (_, n) => `"n${n}":1`).join()}}`],
  ])(
    "of messages with %s, as many as fit, costs no more than a small heap",
    async (_what, text) => {
      const refusals = await refusalsOf(tenOf(text), "batch");

      expect(refusals.map(({ issues }) => issues.length)).toEqual(Array(10).fill(100));
    },
  );

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
  ])("with %s is refused at no greater cost", async (_what, text, message) => {
    const [refusal, ...others] = await refusalsOf(text, "batch");

    expect([refusal?.issues[0]?.message, others]).toEqual([message, []]);
  });

  test("of bodies of two million arrays costs no call for each level", async () => {
    const body = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;

    const refusals = await refusalsOf(tenOf(submission(`"body":${body}`)), "batch");

    const issues = [{ path: ["body"], message: "is nested more than 500 deep" }];
    expect(refusals).toEqual(Array(10).fill({ detail: "The request has 1 fault.", issues }));
  });
});

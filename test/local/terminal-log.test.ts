import { describe, expect, test } from "@jest/globals";
import { jsonLog, type TerminalLog, textLog } from "../../local/terminal-log.ts";

const at = Date.parse("2026-03-01T12:00:00.250Z");

/** What is written when something is logged. */
const written = (make: typeof textLog, say: (log: TerminalLog) => void): readonly string[] => {
  const lines: string[] = [];
  say(
    make(
      (line) => lines.push(line),
      () => at,
    ),
  );
  return lines;
};
const submitted = {
  event: "submit",
  messageId: "order-1",
  status: "QUEUED",
  duplicate: false,
  transitions: [
    { verb: "submit", to: "PENDING" },
    { verb: "enqueue", from: "PENDING", to: "QUEUED" },
  ],
  durationMs: 12,
} as const;
const attempted = {
  event: "attempt",
  senderId: "shop",
  messageId: "order-1",
  transitions: [
    { verb: "claim", from: "QUEUED", to: "PROCESSING" },
    { verb: "complete", from: "PROCESSING", to: "COMPLETED" },
  ],
  attempt: 1,
  httpStatus: 200,
  class: "accepted",
  durationMs: 1028,
} as const;

describe("The log for a person", () => {
  test("has what happened to a message in columns", () => {
    const lines = written(textLog, (log) => {
      log.line(submitted);
      log.arrival({ messageId: "order-1", bytes: 7, httpStatus: 200 });
      log.line(attempted);
    });

    expect(lines).toEqual([
      "12:00:00.250  submit       order-1                      12 ms  PENDING → QUEUED",
      "12:00:00.250  echo         order-1                             7 bytes arrived, answer 200",
      "12:00:00.250  attempt      order-1                    1028 ms  QUEUED → PROCESSING → COMPLETED  attempt 1, answer 200",
    ]);
  });

  test("shows a message id as it is", () => {
    const messageId = `a/b?c=%2F#~+@,|"'\\\\<>&;:.!$()*-[]^_\`{}`;

    const [text = ""] = written(textLog, (log) => log.line({ ...submitted, messageId }));
    const [json = ""] = written(jsonLog, (log) => log.line({ ...submitted, messageId }));

    expect(text).toContain(`  ${messageId}  `);
    expect(JSON.parse(json)).toMatchObject({ messageId });
  });

  test("says that a submit was a duplicate, and of what", () => {
    const repeat = { ...submitted, status: "COMPLETED", duplicate: true, transitions: [] };

    const [line] = written(textLog, (log) => log.line(repeat));

    expect(line).toMatch(/ order-1 .* 12 ms {2}duplicate of a COMPLETED message$/);
  });

  test("says why a submit was refused, whether or not it got as far as an id", () => {
    const lines = written(textLog, (log) => {
      log.line({
        event: "submit",
        transitions: [],
        messageId: "a",
        problem: "MESSAGE_CONFLICT",
        durationMs: 3,
      });
      log.line({ event: "submit", transitions: [], problem: "UNAUTHENTICATED", durationMs: 0 });
    });

    expect(lines).toEqual([
      "12:00:00.250  submit       a                             3 ms  MESSAGE_CONFLICT",
      "12:00:00.250  submit       -                             0 ms  UNAUTHENTICATED",
    ]);
  });

  test("says what an operator did to which sender, and why it was refused", () => {
    const lines = written(textLog, (log) => {
      const line = {
        event: "manage",
        senderId: "shop",
        keyId: "operator-key",
        durationMs: 3,
      } as const;
      log.line({ ...line, change: "rotate-secret", secretId: "a-secret-id" });
      log.line({ ...line, change: "create-sender", problem: "SENDER_EXISTS" });
    });

    expect(lines).toEqual([
      "12:00:00.250  manage       shop                          3 ms  rotate-secret",
      "12:00:00.250  manage       shop                          3 ms  create-sender, SENDER_EXISTS",
    ]);
  });

  test.each(["x", "x".repeat(24)])("keeps its columns for the id %s", (messageId) => {
    const [short, long] = written(textLog, (log) => {
      log.line(submitted);
      log.line({ ...submitted, messageId });
    });

    expect(long?.indexOf("12 ms")).toBe(short?.indexOf("12 ms"));
  });

  test("shows a long id whole, so that it can be copied", () => {
    const messageId = `${"x".repeat(127)}y`;

    expect(written(textLog, (log) => log.line({ ...submitted, messageId }))).toEqual([
      `12:00:00.250  submit       ${messageId}     12 ms  PENDING → QUEUED`,
    ]);
  });

  test("keeps its columns whatever the event", () => {
    const lines = written(textLog, (log) => {
      log.line(submitted);
      log.line(attempted);
      const { senderId, messageId, transitions } = attempted;
      const ids = { senderId, messageId };
      const act = { attempts: 1, act: "send", durationMs: 7 };
      log.line({ event: "dispatch", ...ids, transitions, ...act });
      log.line({ event: "dead-letter", record: "{}", sqsMessageId: messageId });
    });

    expect(new Set(lines.map((line) => line.indexOf("order-1"))).size).toBe(1);
  });

  test.each(["unsettled", "overtaken"] as const)("says that an attempt is %s", (verdict) => {
    const { transitions } = attempted;
    const unstored = { ...attempted, transitions: transitions.slice(0, 1), verdict };

    const [line] = written(textLog, (log) => log.line(unstored));

    expect(line).toMatch(new RegExp(` PROCESSING {2}attempt 1, answer 200, ${verdict}$`));
  });

  test("has no stack of an error", () => {
    const [line] = written(textLog, (log) => log.failure("it failed", new TypeError("secret")));

    expect(line).toBe('12:00:00.250  error        it failed  {"error":"TypeError"}');
  });
});

describe("The log for a machine", () => {
  const parsed = (say: (log: TerminalLog) => void) =>
    written(jsonLog, say).map((line) => JSON.parse(line));

  test("has an object a line, with the whole id", () => {
    const messageId = "x".repeat(128);
    const timestamp = "2026-03-01T12:00:00.250Z";
    const { event: _, ...fields } = submitted;

    const lines = parsed((log) => {
      log.line({ ...submitted, messageId });
      log.arrival({ messageId, bytes: 7, httpStatus: 200 });
      log.note("ready");
    });

    expect(lines).toEqual([
      { level: "INFO", message: "submit", timestamp, ...fields, messageId },
      { level: "INFO", message: "echo", timestamp, messageId, bytes: 7, httpStatus: 200 },
      { level: "INFO", message: "note", timestamp, text: "ready" },
    ]);
  });
});

test.each([
  ["a person", textLog],
  ["a machine", jsonLog],
])("The log for %s shows what a request brings, and a terminal obeys none of it", (_, make) => {
  const brought = "a\u001b[2J\u009b2J\u007f\u202eb\u2028";

  const lines = written(make, (log) => {
    log.arrival({ messageId: brought, bytes: 7, httpStatus: 200 });
    log.line({ ...submitted, messageId: brought });
    log.failure("it failed", new TypeError(), { messageId: brought });
    log.note(`${brought}\n`);
  });

  expect(lines.join("")).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
  for (const line of lines) expect(line).toContain("\\u009b2J");
});

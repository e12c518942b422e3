import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { lifecycle, verbs } from "../../domain/lifecycle.ts";

const file = "proof/specification/lifecycle.qnt";
const patienceMs = 180_000;

const run = promisify(execFile);

/** Runs the specification's own tool and returns what it printed, whether or not it was content. */
const quint = async (...args: readonly string[]): Promise<string> => {
  // The tool parses with its own modules; the flags of the test runner are not meant for it.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const program = path.resolve("node_modules/@informalsystems/quint/dist/src/cli.js");
  const options = { env: { ...env, NO_COLOR: "1" }, maxBuffer: 64 * 1024 * 1024 };
  const ended = run(process.execPath, [program, ...args], options);
  const { stdout, stderr } = await ended.catch((error) => error as Awaited<typeof ended>);
  return stdout + stderr;
};

const promises = [
  ...["oneHolder", "oneRequest", "heldWhileLeased", "withinLease", "settledByHolder", "earned"],
  ...["counted", "attended", "lookedAfter", "letGo", "recorded", "cancelKept", "doubled"],
  ...["jobOnce", "erasedKept"],
];

/** Runs of 60 steps at random; the seed makes them the same ones each time. */
const explore = (
  of: string,
  samples: number,
  invariants: readonly string[] = promises,
  ...more: readonly string[]
) =>
  quint(
    ...["run", of, "--backend=typescript", "--seed=0x1", "--max-steps=60", "--verbosity=1"],
    `--max-samples=${samples}`,
    ...["--invariants", ...invariants],
    ...more,
  );

/** A guard that is taken out: the text that goes, what comes for it, and what must notice. */
const removed: readonly (readonly [string, string, string, string])[] = [
  [
    "A claim does not ask for the attempt's number",
    "      and message.attempts == attempt - 1\n",
    "",
    "oneHolder",
  ],
  [
    "A claim leaves the next look where it was",
    "dueAt: if (message.dueAt <= leaseEnd + margin) message.dueAt else leaseEnd + margin }",
    "dueAt: message.dueAt }",
    "attended",
  ],
  [
    "A holder settles whatever the status",
    'message.status == "PROCESSING" and message.attempts == attempt',
    "message.attempts == attempt",
    "settledByHolder",
  ],
  [
    "A retry follows though a cancel was asked for",
    '    else if (message.cancelRequested) { ...message, status: target("abandon") }\n',
    "",
    "cancelKept",
  ],
  [
    "A release does not wait for the lease",
    "if (isMine and isOver)",
    "if (isMine)",
    "heldWhileLeased",
  ],
  ["Nothing is released", "if (isMine and isOver) released", "if (false) released", "letGo"],
  [
    "A retry does not count the attempts",
    '(heard == "final" or message.attempts >= message.allowed)',
    '(heard == "final")',
    "counted",
  ],
  [
    "A request is sent after the lease",
    "if (now >= worker.leaseUntil)",
    "if (now < 0)",
    "withinLease",
  ],
  [
    "A late enqueue does not look for a retry that waits",
    "      and message.notBefore == seen.notBefore\n\n",
    "\n",
    "recorded",
  ],
  [
    "A job does not look whether its message was replayed since its entry",
    "    message.replays == job.entered,\n",
    "",
    "jobOnce",
  ],
  [
    "A replay does not look whether the message was erased",
    "message.replays == job.replays, not(message.erased),",
    "message.replays == job.replays,",
    "erasedKept",
  ],
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "postrider-specification-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The specification with this text in place of that one, in a file of its own. */
const without = async (text: string, replacement: string): Promise<string> => {
  const whole = await readFile(file, "utf8");
  expect(whole).toContain(text);
  const changed = path.join(folder, "changed.qnt");
  await writeFile(changed, whole.replace(text, replacement));
  return changed;
};

describe("The specification", () => {
  test("has the transitions of the lifecycle", async () => {
    const written = (await readFile(file, "utf8")).matchAll(
      /\{ verb: "(?<verb>\w+)", from: Set\((?<from>[^)]*)\), to: "(?<to>\w+)" \},/g,
    );
    const specified = [...written].map(({ groups }) => [
      groups?.["verb"],
      { from: groups?.["from"]?.replaceAll('"', "").split(", "), to: groups?.["to"] },
    ]);

    const product = verbs
      .filter((verb) => verb !== "submit" && lifecycle[verb].to !== "same")
      .map((verb) => [verb, { from: [...lifecycle[verb].from], to: lifecycle[verb].to }]);

    expect(Object.fromEntries(specified)).toEqual(Object.fromEntries(product));
  });

  test(
    "keeps every promise, and comes to every end",
    async () => {
      const ends = [
        "isCompleted",
        "isFailed",
        "isCancelled",
        "isReleased",
        "isCompletedAfterFault",
        "isReplayedByJob",
        "isErased",
      ];

      const printed = await explore(file, 1000, promises, "--witnesses", ...ends);

      expect(printed).toContain("[ok] No violation found");
      for (const end of ends) expect(printed).toMatch(new RegExp(`${end} was witnessed in [1-9]`));
    },
    patienceMs,
  );

  test(
    "tells of a delivery, of a crash after the claim, and of a holder that was overtaken",
    async () => {
      const printed = await quint("test", file, "--backend=typescript", "--max-samples=10");

      expect(printed).toContain("3 passing");
      expect(printed).not.toContain("failed");
    },
    patienceMs,
  );
});

describe("A guard that is taken out of the specification is missed", () => {
  test.each(removed)(
    "%s",
    async (_, text, replacement, broken) => {
      const printed = await explore(await without(text, replacement), 4000, [broken]);

      // Of one promise alone, the tool does not say which it was.
      expect(printed).toContain("[violation] Found an issue");
    },
    patienceMs,
  );

  test(
    "A holder that was overtaken settles",
    async () => {
      const changed = await without(
        'message.status == "PROCESSING" and message.attempts == attempt',
        'message.status == "PROCESSING"',
      );

      const printed = await quint("test", changed, "--backend=typescript", "--max-samples=1");

      expect(printed).toMatch(/overtakenTest failed/);
    },
    patienceMs,
  );
});

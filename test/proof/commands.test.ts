import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { counted } from "../../proof/options.ts";
import { promiseOf } from "../../proof/simulation/story.ts";
import type { Figures } from "../../proof/soak/figures.ts";
import { renderFigures } from "../../proof/soak/render-figures.ts";

const root = join(import.meta.dirname, "../..");

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Whatever begins in spite of its options fails at once: it has nowhere to put its files. */
const env = { TMPDIR: join(root, "package.json") };

const run = (name: string, ...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const script = join(root, "proof", name, "main.ts");
    const options = { cwd: root, env, timeout: 25_000 };
    execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
    );
  });

const linesOf = (text: string): readonly string[] => text.trimEnd().split("\n");

describe.each(["model", "simulation", "soak"])("The command of %s", (name) => {
  test("says what it can be asked for, whatever else it is given", async () => {
    const { code, stdout, stderr } = await run(name, "--wat", "--help");

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`npm run test:${name}`);
    expect(stdout).toMatch(/Exit codes: 0 .*1 .*2 /s);
  });

  test("names every option that there is not, and begins nothing", async () => {
    const { code, stdout, stderr } = await run(name, "--wat", "5", "--huh", "nonsense");

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(linesOf(stderr)).toEqual(
      expect.arrayContaining(["There is no option --wat", "There is no option --huh"]),
    );
    expect(linesOf(stderr).at(-1)).toBe("--help has the options");
    expect(stderr).not.toMatch(/ERR_PARSE_ARGS|^\s+at /m);
  });
});

/** What is asked for, and a part of each line that it is answered with. */
const wrong: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "model",
    "--workers 9999 --attempts 0 --deliver soon --mistake none --without all",
    [
      "--workers takes",
      "--attempts takes",
      "--deliver takes",
      "--mistake takes",
      "--without takes",
    ],
  ],
  ["model", "--states 0 --faults -1 --far=yes", ["--states", "--faults", "--far takes no value"]],
  ["model", "--cancel --cancels 2", ["--cancel and --cancels"]],
  ["model", "--conditions --faults 2", ["--conditions goes alone, without --faults"]],
  ["model", "--attempts 6 --replays 1", ["12 attempts; 6 at most"]],
  ["simulation", "--seed x --from", ["--seed takes", "--from takes", "--seed and --from"]],
  ["simulation", "--seed", ["--seed takes a whole number"]],
  [
    "simulation",
    "--tape nope.json",
    ['--tape takes a file that this program has written, not "no'],
  ],
  ["simulation", "--tape package.json", ["--tape takes"]],
  ["simulation", "--out package.json/tapes", ["--out takes a directory"]],
  ["simulation", "--seed 7 --schedules 10", ["--seed and --schedules do not go together"]],
  ["simulation", "--mutants --mutant no-release", ["--mutants and --mutant do not go together"]],
  ["simulation", "--schedules 0", ["--schedules takes a whole number from 1"]],
  ["simulation", "--minutes 0", ["--minutes takes a whole number from 1"]],
  ["simulation", "--mutant none", ["--mutant takes"]],
  ["simulation", "--over sdk", ["--over is for the children"]],
  ["soak", "--minutes x --rate x", ["--minutes takes a number above 0", "--rate takes"]],
  ["soak", "--minutes 0 --rate 0", ["--minutes takes a number above 0", "--rate takes"]],
  ["soak", "--seed 1.5 --patience-minutes Infinity", ["--seed takes", "--patience-minutes takes"]],
  ["soak", "--rate x --count abc", ["--rate takes a number above 0", "--count takes"]],
  ["soak", "--profile fast --minutes 0", ["--profile takes one of kill", "--minutes takes"]],
  ["soak", "--json nowhere/there.json", ["--json takes a file"]],
  ["soak", "--seed 1 --seed 2", ["--seed is given more than once"]],
];

test.each(wrong)("%s %s: each fault has a line, and nothing begins", async (name, asked, parts) => {
  const { code, stdout, stderr } = await run(name, ...asked.split(" ").filter(Boolean));

  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(linesOf(stderr)).toEqual([
    ...parts.map((part) => expect.stringContaining(part)),
    "--help has the options",
  ]);
});

describe("An exit code of 1 is a broken promise, and nothing else", () => {
  test.each(["kill", "steady"])("a soak of %s that cannot be run ends with 2", async (profile) => {
    const { code, stderr } = await run("soak", "--profile", profile);

    expect(code).toBe(2);
    expect(stderr).toContain("ENOTDIR");
  });

  test("a model of which not all was looked at ends with 3, a mistake in it with 1", async () => {
    const [some, broken] = await Promise.all([
      run("model", "--states", "100"),
      run("model", "--mistake", "mark-first"),
    ]);

    expect(some).toMatchObject({ code: 3, stdout: expect.stringContaining("Not all states") });
    expect(broken).toMatchObject({ code: 1, stdout: expect.stringContaining("is broken") });
  });

  test("a mutant that is noticed is as it must be; one that is not is a failure", async () => {
    const [noticed, unnoticed] = await Promise.all([
      run("simulation", "--mutant", "no-release", "--seed", "3"),
      run(
        "simulation",
        "--mutant",
        "no-release",
        "--tape",
        "test/proof/tapes/record-again-after-its-attempt.json",
      ),
    ]);

    expect(noticed).toMatchObject({ code: 0, stderr: "" });
    expect(noticed.stdout).toContain("✓ no-release is noticed, as it must be");
    // What nobody releases is looked at too late, and never ends: a schedule comes upon either first.
    const broken = [promiseOf("attended"), promiseOf("ends")];
    expect(broken).toContain(/The promise: (.*)/.exec(noticed.stdout)?.[1]);
    expect(noticed.stdout).not.toContain("✗");
    expect(unnoticed).toMatchObject({ code: 1, stderr: "" });
    expect(unnoticed.stdout).toContain("✗ no-release is not noticed");
  });
});

describe("What is printed", () => {
  test("counts one thing as one", () => {
    expect([0, 1, 1000].map((count) => counted(count, "kill"))).toEqual([
      "0 kills",
      "1 kill",
      "1,000 kills",
    ]);
  });

  test("says by how much memory grows only of a run of two minutes and more", () => {
    const times = { p50: 1, p95: 1, p99: 1, max: 1 };
    const figures: Figures = {
      ...{ messages: 1, completedPerSecond: 1, requestsPerMessage: 1, drainSeconds: 1 },
      ...{ acceptMs: times, firstAttemptMs: times, endToEndMs: times, healthMs: times },
      ...{ backlogMax: 1, rssMb: { first: 1, last: 2, max: 3, perMinute: 4, perMinuteLately: 5 } },
    };

    const short = renderFigures(figures, 119_999).join("\n");

    expect(short).toContain("1 request a message");
    expect(short).toMatch(/3 at most$/m);
    expect(renderFigures(figures, 120_000).join("\n")).toContain("4 MB a minute, 5 in the second");
  });

  test("has a sentence for what the simulation itself sees", () => {
    const seen = ["caught", "unprovoked", "answered", "within-lease", "not-logged"];
    const others = ["with-its-payload", "for-its-record", "own-write", "one-holder"];

    for (const name of [...seen, ...others]) expect(promiseOf(name)).toMatch(/^[A-Z].*\.$/);
  });
});

import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { type Batch, childrenOf } from "../../proof/simulation/children.ts";
import { runOf, tapesFrom, type Written } from "../../proof/simulation/explore.ts";
import { simulate } from "../../proof/simulation/run.ts";
import { comparedShare } from "../../proof/simulation/share.ts";
import { sumOf } from "../../proof/simulation/sums.ts";
import { seededTape, writtenTape } from "../../proof/simulation/tape.ts";
import { timersFrom } from "../../proof/simulation/timers.ts";
import { missing } from "./sometimes.ts";

/** Two processes, each with so many schedules of its own. */
const schedulesEach = 5000;
const firstSeed = 1;

describe("A tape", () => {
  test("gives the same again from a seed, and from the numbers that were taken from it", () => {
    const take = (tape: ReturnType<typeof seededTape>) =>
      Array.from({ length: 50 }, (_, index) => tape.choose(index + 1));
    const first = seededTape(7);

    const numbers = take(first);

    expect(take(seededTape(7))).toEqual(numbers);
    expect(take(writtenTape(first.taken))).toEqual(numbers);
    expect(take(seededTape(8))).not.toEqual(numbers);
  });

  test("is plain past its end: first in line, and nothing happens", () => {
    const tape = writtenTape([]);

    expect([tape.choose(9), tape.happens(999), tape.pick(["first", "second"])]).toEqual([
      0,
      false,
      "first",
    ]);
  });
});

describe("The clock", () => {
  test("runs what waits for it in the order of its times, and stops at each", () => {
    const timers = timersFrom(1000);
    const ran: string[] = [];
    for (const [at, name] of [
      [1500, "second"],
      [1200, "first"],
      [1500, "third"],
      [9000, "last"],
    ] as const)
      timers.at(at, () => ran.push(`${name} at ${timers.now()}`));

    timers.moveTo(5000);
    timers.moveTo(5000);
    timers.moveTo(5000);

    expect(ran).toEqual(["first at 1200", "second at 1500", "third at 1500"]);
    expect([timers.now(), timers.next()]).toEqual([5000, 9000]);
  });
});

describe("The simulation", () => {
  test("makes the same run of a seed to the letter: in any process, over the AWS clients, and as the product is composed", async () => {
    const digest = ["digest", "--from", "1", "--schedules"];

    const [one = [], other, overSdk, composed] = await childrenOf<string>([
      [...digest, "60"],
      [...digest, "60"],
      [...digest, "60", "--over", "sdk"],
      [...digest, "8", "--over", "composed"],
    ]);

    expect(new Set(one).size).toBe(60);
    expect(other).toEqual(one);
    expect(overSdk).toEqual(one);
    expect(composed).toEqual(one.slice(0, 8));
  });

  test("finds that everything holds, though everything that can break does", async () => {
    const found = await childrenOf<Batch>(
      [firstSeed, firstSeed + schedulesEach].map((from) => [
        ...["explore", "--from", String(from), "--schedules", String(schedulesEach)],
        ...["--tier", "handlers"],
      ]),
    );

    const { runs, broken, counts } = sumOf(found.flat());
    expect(broken.map(({ seed, invariant }) => `seed ${seed}: ${invariant}`)).toEqual([]);
    expect(runs).toBe(2 * schedulesEach);
    // Each of these has been the same over the AWS clients.
    expect(counts.get("over the SDK")).toBe((2 * schedulesEach) / comparedShare);
    expect(missing(counts)).toEqual([]);
  });

  test("that breaks nothing needs no retry: each message is one request, and is COMPLETED", async () => {
    const { violation, statuses, counts } = await simulate(tapesFrom({ swarm: [], schedule: [] }));

    expect(violation).toBeUndefined();
    expect(statuses).toEqual(["COMPLETED"]);
    expect([counts.get("verb claim"), counts.get("verb submit")]).toEqual([1, 1]);
  });
});

/** Of a fault that was mended, or of a guard that was taken out. */
describe("Schedules that once broke something", () => {
  const folder = join(import.meta.dirname, "tapes");
  const tapes = readdirSync(folder).filter((file) => file.endsWith(".json"));
  const main = join(import.meta.dirname, "../../proof/simulation/main.ts");
  const run = promisify(execFile);
  type Kept = Written & { readonly invariant: string; readonly mutant: string };
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Kept;

  test.each(tapes)("hold: %s", async (file) => {
    const kept = read(file);

    const { violation } = await runOf(kept.tier ?? "handlers", tapesFrom(kept));

    expect(violation).toBeUndefined();
  });

  // A tape whose numbers have come to mean something else holds for no reason.
  test.each(tapes)("break it still where its guard is taken out: %s", async (file) => {
    const { mutant, invariant } = read(file);

    const { stdout } = await run(process.execPath, [
      ...[main, "--tape", join(folder, file), "--mutant", mutant],
    ]);

    expect(stdout).toContain(`→ ${invariant}: `);
    expect(stdout).toContain(`✓ ${mutant} is noticed`);
  });
});

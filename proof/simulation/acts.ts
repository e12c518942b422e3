import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemChance } from "../../adapters/chance.ts";
import { print, showProgress } from "../../adapters/terminal.ts";
import { counted } from "../options.ts";
import { modelMutants } from "../walks/mutants.ts";
import { type Batch, childrenOf } from "./children.ts";
import { runOf, tapesFrom, tapesOf, type Written } from "./explore.ts";
import { type Mutant, mustNotice, mutants, schedulesOf, tiersOf } from "./mutants.ts";
import type { Result } from "./run.ts";
import { shrink } from "./shrink.ts";
import { promiseOf, storyOf } from "./story.ts";
import { rateOf, sharesOf, summaryOf, sumOf } from "./sums.ts";
import { type Tier, tierOf } from "./tiers.ts";

type Broken = Batch["broken"][number];

const seedsEnd = 2 ** 32;

const say = (text: string): void => {
  print(`${text}\n`);
};
/** On a terminal a line that rewrites itself; elsewhere nothing. */
const progress = (text: string): void => {
  if (process.stdout.isTTY) showProgress(process.stdout, text);
};

const writeTape = (out: string, { seed, invariant }: Broken, tapes: Written): string => {
  mkdirSync(out, { recursive: true });
  const file = join(out, `seed-${seed}.json`);
  writeFileSync(file, `${JSON.stringify({ seed, invariant, ...tapes })}\n`);
  return file;
};

/** A failure looks like one only if nobody has put it in. */
const markOf = (mutant: string | undefined) => (mutant === undefined ? "✗" : "→");

/** Shrinks a failure, writes its tape down, and tells it. */
const report = async (broken: Broken, out: string, mutant?: string): Promise<void> => {
  const command = `npm run test:simulation --${mutant === undefined ? "" : ` --mutant ${mutant}`}`;
  const { seed, invariant, tapes } = broken;
  say(
    `${markOf(mutant)} Seed ${seed} breaks "${invariant}": ${promiseOf(invariant)} Making it shorter …`,
  );
  const shrunk = await shrink(tapes, invariant);
  const file = writeTape(out, broken, shrunk.tapes);
  say(`\n${storyOf(shrunk.result, markOf(mutant))}\n`);
  say(`The whole of it:  ${command} --seed ${seed} --tier ${tapes.tier}`);
  say(`This, once more:  ${command} --tape ${file}\n`);
};

/** What came of it, for a person; of a mutant it is fine that something broke. */
const concluded = (isBroken: boolean, mutant: string | undefined): string => {
  if (mutant === undefined) return isBroken ? "✗" : "✓ Everything holds:";
  return isBroken ? `✓ ${mutant} is noticed, as it must be:` : `✗ ${mutant} is not noticed:`;
};

/**
 * Runs so many schedules, on two cores; ends with the first that breaks something. True if nothing
 * was broken; with a mutant: if something was.
 */
export const search = async (given: {
  readonly from: number;
  readonly schedules: number;
  readonly out: string;
  readonly mutant?: string;
  readonly tier?: Tier;
}): Promise<boolean> => {
  const { from, schedules, out, mutant, tier } = given;
  const half = Math.ceil(schedules / 2);
  const begun = performance.now();
  const batches: Batch[] = [];
  await childrenOf<Batch>(
    [0, half]
      .filter((skip) => skip < schedules)
      .map((skip) => [
        ...["explore", "--from", String((from + skip) % seedsEnd)],
        ...["--schedules", String(Math.min(half, schedules - skip)), "--failures", "1"],
        ...(mutant === undefined ? [] : ["--mutant", mutant]),
        ...(tier === undefined ? [] : ["--tier", tier]),
      ]),
    (_, batch) => {
      batches.push(batch);
      const sum = sumOf(batches);
      progress(
        `  ${sum.runs.toLocaleString("en")} of ${counted(schedules, "schedule")}, ${rateOf(sum)}`,
      );
      return batch.broken.length > 0;
    },
  );
  progress("");
  const sum = sumOf(batches);
  const [first] = sum.broken;
  if (first) await report(first, out, mutant);
  const seconds = Math.round((performance.now() - begun) / 1000);
  const isBroken = first !== undefined;
  say(`${concluded(isBroken, mutant)} ${summaryOf(sum)}, in ${seconds} s`);
  say(`  ${sharesOf(sum)}; ${rateOf(sum)}`);
  return isBroken === (mutant !== undefined);
};

const tell = (result: Result, mutant?: string): boolean => {
  const isBroken = result.violation !== undefined;
  say(storyOf(result, markOf(mutant)));
  if (mutant !== undefined)
    say(
      `\n${concluded(isBroken, mutant)} ${isBroken ? "see above" : "this schedule does not come to it"}`,
    );
  return isBroken === (mutant !== undefined);
};

/** Tells the run of one seed. */
export const tellSeed = async (
  seed: number,
  { tier = tierOf(seed), mutant }: { readonly tier?: Tier; readonly mutant?: string },
): Promise<boolean> => tell(await runOf(tier, tapesOf(seed)), mutant);

/** Tells a run that was written down. */
export const tellTape = async (tape: Written, mutant?: string): Promise<boolean> =>
  tell(await runOf(tape.tier ?? "handlers", tapesFrom(tape)), mutant);

type Sought = { readonly mutant: Mutant; readonly tier: Tier };

/**
 * Takes out each guard, in processes of their own, and says who notices it after how many schedules.
 * Each must be noticed: by the real handlers, or what is told of the model by those in step with it.
 */
export const gate = async (from: number): Promise<boolean> => {
  const sought: readonly Sought[] = [...mutants, ...modelMutants].flatMap((mutant) =>
    tiersOf(mutant).map((tier) => ({ mutant, tier })),
  );
  const runs = sought.map(() => 0);
  const told = (index: number, mark: string, what: string): void => {
    const { mutant, tier } = sought[index] as Sought;
    say(`${mark} ${mutant.name.padEnd(40)} ${tier.padEnd(10)} ${what}`);
  };
  const found = await childrenOf<Batch>(
    sought.map(({ mutant, tier }) => [
      ...["explore", "--mutant", mutant.name, "--from", String(from), "--tier", tier],
      ...["--schedules", String(schedulesOf[tier]), "--failures", "1"],
    ]),
    (index, batch) => {
      runs[index] = (runs[index] ?? 0) + batch.runs;
      const [broken] = batch.broken;
      if (broken) told(index, "✓", `${broken.invariant.padEnd(16)} after ${runs[index]}`);
      return undefined;
    },
  );
  const isMissed = (index: number): boolean => sumOf(found[index] ?? []).broken.length === 0;
  const missed = [...found.keys()].filter(isMissed);
  for (const index of missed) told(index, "–", `not noticed in ${runs[index]}`);
  const failed = missed.filter((index) => {
    const { mutant, tier } = sought[index] as Sought;
    return tier === mustNotice(mutant);
  });
  const names = failed.map((index) => sought[index]?.mutant.name).join(", ");
  const all = mutants.length + modelMutants.length;
  say(failed.length === 0 ? `✓ All ${all} are noticed.` : `✗ Not noticed: ${names}`);
  return failed.length === 0;
};

/** Runs schedules on two cores for some minutes, and writes the tapes of all failures down. */
export const soak = async (given: {
  readonly minutes: number;
  readonly from?: number;
  readonly out: string;
}): Promise<boolean> => {
  const { minutes, out } = given;
  const from = given.from ?? Math.floor(systemChance.random() * seedsEnd);
  say(`From seed ${from}, for ${counted(minutes, "minute")}, on two cores.`);
  const batches: Batch[] = [];
  await childrenOf<Batch>(
    [0, seedsEnd / 2].map((skip) => [
      ...["explore", "--minutes", String(minutes), "--from", String((from + skip) % seedsEnd)],
      ...["--schedules", String(seedsEnd), "--failures", "100"],
    ]),
    (_, batch) => {
      batches.push(batch);
      for (const broken of batch.broken) {
        const file = writeTape(out, broken, broken.tapes);
        say(`✗ Seed ${broken.seed} breaks "${broken.invariant}": ${file}`);
        say(`  The promise: ${promiseOf(broken.invariant)}`);
      }
      progress(`  ${summaryOf(sumOf(batches))}, ${rateOf(sumOf(batches))}`);
      return undefined;
    },
  );
  progress("");
  const sum = sumOf(batches);
  const failed = sum.broken.length;
  say(`${failed === 0 ? "✓ Everything holds:" : `✗ ${failed} failed:`} ${summaryOf(sum)}`);
  say(`  ${sharesOf(sum)}; ${rateOf(sum)}`);
  return failed === 0;
};

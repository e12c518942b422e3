import { parseArgs } from "node:util";
import { mutants } from "./mutants.ts";
import { loadMutant } from "./mutate.ts";

const usage = `The simulation: the real handlers and the real AWS clients over a table, a queue, a target and
a clock that break as a tape says. The same seed is the same run, to the letter.

  npm run test:simulation                         some thousand schedules
  npm run test:simulation -- --schedules 50000    more of them
  npm run test:simulation -- --seed 7             one of them, told as a story
  npm run test:simulation -- --tape file.json     one that was written down
  npm run test:simulation -- --mutants            takes out each guard, and must notice
  npm run test:simulation -- --mutant no-release  one of these
  npm run test:simulation -- --soak 60            both cores, for so many minutes

  --from n     the first seed (for a soak: any, unless you say)
  --out dir    where the tapes of failures are written (default: simulation-failures)
`;

const { values: options } = parseArgs({
  options: {
    schedules: { type: "string", default: "3000" },
    seed: { type: "string" },
    tape: { type: "string" },
    mutant: { type: "string" },
    mutants: { type: "boolean", default: false },
    soak: { type: "string" },
    from: { type: "string" },
    out: { type: "string", default: "simulation-failures" },
    // For the children of this program, which answer in lines of JSON.
    child: { type: "string" },
    composed: { type: "boolean", default: false },
    failures: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});

const number = (name: string, text: string): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} takes a number`);
  return value;
};

const mutant = mutants.find(({ name }) => name === options.mutant);
if (options.mutant !== undefined && !mutant) {
  process.stderr.write(`There is no mutant ${options.mutant}. There are:\n`);
  for (const { name, means } of mutants) process.stderr.write(`  ${name.padEnd(30)} ${means}\n`);
  process.exit(2);
}
// Before anything of the product is loaded: that is how the patch gets in.
if (mutant) loadMutant(mutant);

const inChild = async (kind: string): Promise<boolean> => {
  const acts = await import("./in-child.ts");
  const from = number("from", options.from ?? "1");
  const schedules = number("schedules", options.schedules);
  if (kind === "digest") return acts.digestInChild(from, schedules, options.composed);
  const minutes = number("soak", options.soak ?? "1000");
  const failuresMax = number("failures", options.failures);
  return acts.exploreInChild({ from, schedules, minutes, failuresMax });
};

const run = async (): Promise<boolean> => {
  if (options.help) {
    process.stdout.write(usage);
    return true;
  }
  if (options.child !== undefined) return inChild(options.child);
  const acts = await import("./acts.ts");
  const from = options.from === undefined ? undefined : number("from", options.from);
  const { out } = options;
  if (options.tape !== undefined) return acts.tellTape(options.tape);
  if (options.seed !== undefined) return acts.tellSeed(number("seed", options.seed));
  if (options.mutants) return acts.gate(from ?? 1);
  if (options.soak !== undefined)
    return acts.soak({ minutes: number("soak", options.soak), from, out });
  const schedules = number("schedules", options.schedules);
  return acts.search({ from: from ?? 1, schedules, out, mutant: options.mutant });
};

process.exitCode = (await run()) ? 0 : 1;

import { readFileSync } from "node:fs";
import {
  exitCodes,
  flag,
  isWritableDirectory,
  type Option,
  oneOf,
  optionsOrExit,
  type Values,
  wholeNumber,
} from "../options.ts";
import { modelMutants } from "../walks/mutants.ts";
import type { Written } from "./explore.ts";
import { mutants } from "./mutants.ts";
import { loadMutant } from "./mutate.ts";
import { comparedShare } from "./share.ts";
import { shares, tiers } from "./tiers.ts";

const usage = `The simulation: schedules that break things as a tape says. The same seed is the same run, to the
letter. Of ${shares.handlers} schedules one is run by the real handlers and stores, over a table, a queue, a target and
a clock that break; one of ${comparedShare} of these over ElectroDB and the real AWS clients as well, and must be the same.
One of ${shares.lockstep} is a walk of the model that the real handlers make too, step by step: after each step both must
have left the same. All others are walks of the model alone.

  npm run test:simulation                         some ten thousand schedules
  npm run test:simulation -- --schedules 500000   more of them
  npm run test:simulation -- --tier handlers --schedules 3000     only those by one of: ${tiers.join(", ")}
  npm run test:simulation -- --seed 7             one of them, told as a story
  npm run test:simulation -- --tape file.json     one that was written down
  npm run test:simulation -- --mutants            takes out each guard, and must notice
  npm run test:simulation -- --mutant no-release  one of these
  npm run test:simulation -- --minutes 60         both cores, for so many minutes

  --from n     the first seed (1; with --minutes: any, unless you say)
  --out dir    where the tapes of failures are written (simulation-failures)

Exit codes: 0 everything holds, and what was to be noticed was; 1 something is broken, or was not
noticed; 2 it could not be run.
The mutants:
${[...mutants, ...modelMutants].map(({ name, means }) => `  ${name.padEnd(40)} ${means}`).join("\n")}
`;

const isTape = (value: unknown): value is Written => {
  const { swarm, schedule, tier = "handlers" } = Object(value);
  return (
    tiers.includes(tier) &&
    [swarm, schedule].every(
      (numbers) =>
        Array.isArray(numbers) && numbers.every((each) => Number.isSafeInteger(each) && each >= 0),
    )
  );
};

const tape: Option<Written> = {
  takes: "a file that this program has written",
  read: (file) => {
    try {
      const written: unknown = JSON.parse(readFileSync(file, "utf8"));
      return isTape(written) ? written : undefined;
    } catch {
      return undefined;
    }
  },
};

const seedsEnd = 2 ** 32;
const options = {
  schedules: wholeNumber(1, seedsEnd),
  seed: wholeNumber(0, seedsEnd - 1),
  tape,
  mutant: {
    ...oneOf([...mutants, ...modelMutants].map(({ name }) => name)),
    takes: "the name of a mutant, as --help lists them",
  },
  mutants: flag,
  minutes: wholeNumber(1, 100_000),
  from: wholeNumber(0, seedsEnd - 1),
  out: {
    takes: "a directory that can be written",
    read: (directory: string) => (isWritableDirectory(directory) ? directory : undefined),
  },
  tier: oneOf(tiers),
  // For the children of this program, which answer in lines of JSON.
  child: oneOf(["explore", "digest"]),
  over: oneOf(["memory", "sdk", "composed"]),
  failures: wholeNumber(1, 1000),
} as const;
type Asked = Values<typeof options>;

/** What can be asked for, and what goes with each; without any of them it is as with schedules. */
const acts: Readonly<Record<string, readonly string[]>> = {
  seed: ["mutant", "tier"],
  tape: ["mutant"],
  mutants: ["from"],
  minutes: ["from", "out"],
  schedules: ["from", "out", "mutant", "tier"],
};

const contradictions = (asked: Asked): readonly string[] => {
  if ("child" in asked) return [];
  const names = Object.keys(asked);
  const act = Object.keys(acts).find((name) => names.includes(name)) ?? "schedules";
  return names
    .filter((name) => name !== act && !acts[act]?.includes(name))
    .map((name) =>
      name === "over" || name === "failures"
        ? `--${name} is for the children of this program`
        : `--${act} and --${name} do not go together`,
    );
};

const asked = optionsOrExit(usage, options, contradictions);

const mutant = [...mutants, ...modelMutants].find(({ name }) => name === asked.mutant);
// Before anything of the product is loaded: that is how the patch gets in.
if (mutant) loadMutant(mutant);

const inChild = async (kind: "explore" | "digest"): Promise<boolean> => {
  const child = await import("./in-child.ts");
  const { from = 1, schedules = 3000, minutes = 1000, failures: failuresMax = 1, tier } = asked;
  const { asComposed, inMemory, overSdk } = await import("./backing.ts");
  const backing = { memory: inMemory, sdk: overSdk, composed: asComposed }[asked.over ?? "memory"];
  if (kind === "digest") return child.digestInChild(from, schedules, backing);
  return child.exploreInChild({
    ...{ from, schedules, minutes, failuresMax, backing },
    ...(tier && { tier }),
  });
};

const run = async (): Promise<boolean> => {
  if (asked.child) return inChild(asked.child);
  const { tellTape, tellSeed, gate, soak, search } = await import("./acts.ts");
  const { from, schedules = 50_000, out = "simulation-failures", tier } = asked;
  const who = { ...(mutant && { mutant: mutant.name }), ...(tier && { tier }) };
  if (asked.tape) return tellTape(asked.tape, mutant?.name);
  if (asked.seed !== undefined) return tellSeed(asked.seed, who);
  if (asked.mutants) return gate(from ?? 1);
  if (asked.minutes) return soak({ minutes: asked.minutes, from, out });
  return search({ from: from ?? 1, schedules, out, ...who });
};

process.exitCode = (await run()) ? 0 : exitCodes.broken;

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../adapters/clock.ts";
import { print } from "../../adapters/terminal.ts";
import { endWithChildren } from "../edition/children.ts";
import { progress } from "../edition/progress.ts";
import {
  exitCodes,
  isWritableFile,
  numberAboveZero,
  oneOf,
  optionsOrExit,
  someText,
  wholeNumber,
} from "../options.ts";
import { isClean, renderAudit, renderDamage } from "../run-audit/render-run.ts";
import { type LoadRun, loadRun } from "./load-run.ts";
import { type Profile, type ProfileName, profiles } from "./profiles.ts";
import { renderFigures } from "./render.ts";

/** `npm run test:load`: puts loads on the local edition, and audits and measures each. */
const names = Object.keys(profiles) as readonly ProfileName[];

const usage = `Puts a load on the local edition, waits until everything has ended, and audits and measures it.

  npm run test:load -- [options]

  --profile <name>        one of these, or all of them, one after the other (steady)
${names.map((name) => `      ${name.padEnd(18)}${profiles[name].about}`).join("\n")}
  --rate <n>              messages a second, instead of the profile's
  --minutes <n>           how long messages come, instead of the profile's
  --count <n>             after how many it ends, if that is sooner
  --seed <n>              of the messages (1)
  --patience-minutes <n>  how long to wait afterwards until everything has ended (30)
  --json <file>           write the figures there, too

It takes the minutes of the profile (${names.map((name) => `${name} ${profiles[name].minutes}`).join(", ")}), and as many more as
it takes until everything has ended.

Exit codes: 0 every promise was kept; 1 one was broken, or something grew beyond its bounds, never
because it was slow; 2 it could not be run; 3 nothing was acknowledged, so that nothing is proved.
`;

const asked = optionsOrExit(usage, {
  profile: oneOf([...names, "all"]),
  rate: numberAboveZero(10_000),
  minutes: numberAboveZero(10_000),
  count: wholeNumber(1, 10_000_000),
  seed: wholeNumber(0, 2 ** 32 - 1),
  "patience-minutes": numberAboveZero(10_000),
  json: {
    ...someText("a file in a directory that can be written"),
    read: (file) => (isWritableFile(file) ? file : undefined),
  },
});
const { profile: chosen = "steady", seed = 1, "patience-minutes": patience = 30 } = asked;
const patienceMs = patience * 60_000;
const say = (line: string): void => {
  print(`${line}\n`);
};
endWithChildren();

const profileOf = (name: ProfileName): Profile => {
  const profile = profiles[name];
  return {
    ...profile,
    ratePerSecond: asked.rate ?? profile.ratePerSecond,
    minutes: asked.minutes ?? profile.minutes,
    countMax: asked.count ?? profile.countMax,
  };
};

const isProof = ({ audit }: LoadRun): boolean => audit.facts.acknowledged > 0;
const keptIn = (run: LoadRun): string =>
  isProof(run) ? "Every promise was kept." : "Nothing is proved: nothing was acknowledged.";

const runOne = async (name: ProfileName): Promise<LoadRun & { readonly isFine: boolean }> => {
  const profile = profileOf(name);
  const dir = await mkdtemp(join(tmpdir(), "postrider-load-"));
  say(`${name}: ${profile.about}`);
  say(`  ${profile.ratePerSecond} a second for ${profile.minutes} min, in ${dir}`);
  const { note, end } = progress();
  const startedAt = systemClock();
  const run = await loadRun(profile, { dir, seed, patienceMs, note });
  const tookMs = systemClock() - startedAt;
  end();
  const isFine = isClean(run.audit) && run.damage.length === 0 && run.faults.length === 0;
  const refused = [...run.refusals].map(([status, count]) => `${status || "no answer"}: ${count}`);
  for (const line of [
    "",
    ...renderFigures(run.figures, tookMs),
    `told besides promises: ${refused.join(", ") || "nothing"}`,
    "",
    ...renderAudit(run.audit),
    ...renderDamage(run.damage),
    ...run.faults.map((fault) => `  ! ${fault}`),
    "",
    isFine ? keptIn(run) : `Not every promise was kept; the logs are in ${dir}`,
    "",
  ])
    say(line);
  if (isFine) await rm(dir, { recursive: true });
  return { ...run, isFine };
};

const runs: Partial<Record<ProfileName, object>> = {};
const codes: number[] = [];
for (const name of names.filter((each) => chosen === "all" || each === chosen)) {
  const run = await runOne(name);
  const { audit, figures, faults, isFine } = run;
  runs[name] = { ...profileOf(name), figures, facts: audit.facts, counts: audit.counts, faults };
  codes.push(isFine ? (isProof(run) ? 0 : exitCodes.notAll) : exitCodes.broken);
}
if (asked.json) await writeFile(asked.json, `${JSON.stringify(runs, undefined, 2)}\n`);
// A broken promise matters more than one that was not looked at.
process.exit(codes.includes(exitCodes.broken) ? exitCodes.broken : Math.max(...codes));

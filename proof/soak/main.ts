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
import { killReport } from "./kill-report.ts";
import { killRun } from "./kill-run.ts";
import { loadReport } from "./load-report.ts";
import { loadRun } from "./load-run.ts";
import { type Profile, type ProfileName, profiles } from "./profiles.ts";
import type { Report } from "./report.ts";

/** `npm run test:soak`: kills the local edition, or puts loads on it, and judges and measures it. */
const names = Object.keys(profiles) as readonly ProfileName[];

const usage = `Puts a load on the local edition, waits until everything has ended, and judges and measures it.

  npm run test:soak -- [options]

  --profile <name>        one of these, or all of them, one after the other (kill)
${names.map((name) => `      ${name.padEnd(18)}${profiles[name].about}`).join("\n")}
  --rate <n>              messages a second, instead of the profile's
  --minutes <n>           how long messages come, instead of the profile's
  --count <n>             after how many it ends, if that is sooner
  --seed <n>              of the messages, and of the moments of kills (1)
  --patience-minutes <n>  how long to wait afterwards until everything has ended (30)
  --json <file>           write the figures there, too

It takes the minutes of the profile (${names.map((name) => `${name} ${profiles[name].minutes}`).join(", ")}), and as many more as
it takes until everything has ended: two or three after kills.

Exit codes: 0 every promise was kept; 1 one was broken, or something grew beyond its bounds, never
because it was slow: the logs are where it says; 2 it could not be run; 3 nothing was acknowledged, or
nothing killed, so that nothing is proved.
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
const { profile: chosen = "kill", seed = 1, "patience-minutes": patience = 30 } = asked;
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

type Place = { readonly dir: string; readonly note: (text: string) => void };

const reportOf = async (profile: Profile, { dir, note }: Place): Promise<Report> => {
  const options = { dir, seed, patienceMs, note };
  const startedAt = systemClock();
  if (profile.trouble !== "kills")
    return loadReport(await loadRun(profile, options), systemClock() - startedAt);
  const { minutes, countMax, ratePerSecond } = profile;
  const run = await killRun({
    ...{ ...options, ratePerSecond, waitMs: { min: 1000, max: 10_000 } },
    isOver: ({ elapsedMs, messages }) => elapsedMs > minutes * 60_000 || messages >= countMax,
  });
  return killReport(run);
};

const verdictOf = ({ isKept, notProved }: Report, dir: string): string => {
  if (!isKept) return `Not every promise was kept; the logs are in ${dir}`;
  return notProved ? `Nothing is proved: ${notProved}.` : "Every promise was kept.";
};

const runOne = async (name: ProfileName): Promise<Report> => {
  const profile = profileOf(name);
  const dir = await mkdtemp(join(tmpdir(), `postrider-${name}-`));
  say(`${name}: ${profile.about}`);
  say(`  ${profile.ratePerSecond} a second for ${profile.minutes} min, seed ${seed}, in ${dir}`);
  const { note, end } = progress();
  const report = await reportOf(profile, { dir, note });
  end();
  for (const line of ["", ...report.lines, "", verdictOf(report, dir), ""]) say(line);
  if (report.isKept) await rm(dir, { recursive: true });
  return report;
};

const codeOf = ({ isKept, notProved }: Report): number => {
  if (!isKept) return exitCodes.broken;
  return notProved ? exitCodes.notAll : 0;
};

const reports = new Map<ProfileName, Report>();
for (const name of names.filter((each) => chosen === "all" || each === chosen))
  reports.set(name, await runOne(name));
const written = [...reports].map(([name, { figures }]) => [
  name,
  { ...profileOf(name), ...figures },
]);
if (asked.json)
  await writeFile(asked.json, `${JSON.stringify(Object.fromEntries(written), undefined, 2)}\n`);
// A broken promise matters more than one that was not looked at.
const codes = [...reports.values()].map(codeOf);
process.exit(codes.includes(exitCodes.broken) ? exitCodes.broken : Math.max(...codes));

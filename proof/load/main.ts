import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isClean, renderAudit } from "../audit/render-run.ts";
import { endWithChildren } from "../edition/children.ts";
import { progress } from "../edition/progress.ts";
import { type LoadRun, loadRun } from "./load-run.ts";
import { type Profile, type ProfileName, profiles } from "./profiles.ts";
import { renderFigures } from "./render.ts";

/**
 * `npm run test:load`: puts loads on the local edition, and audits and measures each. Exit code 1
 * if a promise was broken, or something grew beyond its bounds; never because it was slow.
 */
const names = Object.keys(profiles) as readonly ProfileName[];
const { values } = parseArgs({
  options: {
    profile: { type: "string", default: "steady" },
    rate: { type: "string" },
    minutes: { type: "string" },
    count: { type: "string" },
    seed: { type: "string", default: "1" },
    "patience-minutes": { type: "string", default: "30" },
    json: { type: "string" },
  },
});
const wanted = values.profile === "all" ? names : names.filter((name) => name === values.profile);
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
if (wanted.length === 0) {
  print(`There is no profile ${values.profile}: ${names.join(", ")}, all`);
  process.exit(2);
}
endWithChildren();

const profileOf = (name: ProfileName): Profile => {
  const profile = profiles[name];
  return {
    ...profile,
    ratePerSecond: Number(values.rate ?? profile.ratePerSecond),
    minutes: Number(values.minutes ?? profile.minutes),
    countMax: Number(values.count ?? profile.countMax),
  };
};

const runOne = async (name: ProfileName): Promise<LoadRun & { readonly isFine: boolean }> => {
  const profile = profileOf(name);
  const dir = await mkdtemp(join(tmpdir(), "postrider-load-"));
  print(`${name}: ${profile.about}`);
  print(`  ${profile.ratePerSecond} a second for ${profile.minutes} min, in ${dir}`);
  const { note, end } = progress();
  const patienceMs = Number(values["patience-minutes"]) * 60_000;
  const run = await loadRun(profile, { dir, seed: Number(values.seed), patienceMs, note });
  end();
  const isFine = isClean(run.audit) && run.faults.length === 0;
  const refused = [...run.refusals].map(([status, count]) => `${status || "no answer"}: ${count}`);
  for (const line of [
    "",
    ...renderFigures(run.figures),
    `told besides promises: ${refused.join(", ") || "nothing"}`,
    "",
    ...renderAudit(run.audit),
    ...run.faults.map((fault) => `  ! ${fault}`),
    "",
    isFine ? "Every promise was kept." : `Not every promise was kept; the logs are in ${dir}`,
    "",
  ])
    print(line);
  if (isFine) await rm(dir, { recursive: true });
  return { ...run, isFine };
};

const runs: Partial<Record<ProfileName, object>> = {};
let isFine = true;
for (const name of wanted) {
  const { audit, figures, faults, isFine: isThisFine } = await runOne(name);
  runs[name] = { ...profileOf(name), figures, facts: audit.facts, counts: audit.counts, faults };
  isFine = isFine && isThisFine;
}
if (values.json) await writeFile(values.json, `${JSON.stringify(runs, undefined, 2)}\n`);
process.exit(isFine ? 0 : 1);

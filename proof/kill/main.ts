import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isClean, renderAudit } from "../audit/render-run.ts";
import { endWithChildren } from "../edition/children.ts";
import { progress } from "../edition/progress.ts";
import { attemptsAtATime, killRun } from "./kill-run.ts";

/**
 * `npm run test:kill`: kills the local edition under load, again and again, and then counts.
 * Exit code 1 if a promise was broken, with the logs left where it says.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "3" },
    rate: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    "patience-minutes": { type: "string", default: "20" },
  },
});
const [minutes, rate, seed] = [Number(values.minutes), Number(values.rate), Number(values.seed)];
const patienceMs = Number(values["patience-minutes"]) * 60_000;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
endWithChildren();
const dir = await mkdtemp(join(tmpdir(), "postrider-kill-"));
const { note, end } = progress();
print(`Killing the local edition for ${minutes} min at ${rate} messages a second, seed ${seed}`);
print(`  in ${dir}`);

const { audit, kills, settledAfterMs, refusals } = await killRun({
  ...{ dir, ratePerSecond: rate, seed, patienceMs, note, waitMs: { min: 1000, max: 10_000 } },
  isOver: ({ elapsedMs }) => elapsedMs > minutes * 60_000,
});
end();

const inFlight = kills.reduce((sum, kill) => sum + kill.inFlight, 0);
const starting = kills.filter(({ wasStarting }) => wasStarting).length;
const bound = kills.length * attemptsAtATime;
const { duplicates, waiting } = audit.facts;
print("");
print(
  `${kills.length} kills, ${starting} of them while it started, with ${inFlight} requests in flight`,
);
const told = [...refusals].map(([status, count]) => `${status || "no answer"} ${count} times`);
print(`the sender was told ${told.join(", ") || "nothing but promises"}, and asked again`);
const seconds = (settledAfterMs / 1000).toFixed(0);
print(
  waiting === 0
    ? `everything had ended ${seconds} s after the last kill`
    : `not everything had ended ${seconds} s after the last kill`,
);
print("");
for (const line of renderAudit(audit)) print(line);
print("");
print(
  `${duplicates.crash} duplicates by kills, of ${bound} that ${kills.length} kills may cause at most`,
);

const isFine = isClean(audit) && waiting === 0 && duplicates.crash <= bound;
if (isFine) await rm(dir, { recursive: true });
print(
  isFine ? "\nEvery promise was kept." : `\nNot every promise was kept; the logs are in ${dir}`,
);
process.exit(isFine ? 0 : 1);

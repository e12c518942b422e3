import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { print } from "../../adapters/terminal.ts";
import { endWithChildren } from "../edition/children.ts";
import { progress } from "../edition/progress.ts";
import { counted, exitCodes, numberAboveZero, optionsOrExit, wholeNumber } from "../options.ts";
import { isClean, renderAudit, renderDamage } from "../run-audit/render-run.ts";
import { attemptsAtATime, killRun } from "./kill-run.ts";

/** `npm run test:kill`: kills the local edition under load, again and again, and then counts. */
const usage = `Kills the local edition under load at random moments, starts it again, and counts afterwards.

  npm run test:kill -- [options]

  --minutes <n>           how long it is killed (3)
  --rate <n>              messages a second (20)
  --seed <n>              of the moments and the messages (1)
  --patience-minutes <n>  how long to wait afterwards until everything has ended (20)

It takes the minutes, and some more until everything has ended: mostly two or three.

Exit codes: 0 every promise was kept; 1 one was broken, and the logs are where it says; 2 it could
not be run; 3 nothing was killed or acknowledged, so that nothing is proved.
`;

const asked = optionsOrExit(usage, {
  minutes: numberAboveZero(10_000),
  rate: numberAboveZero(1000),
  seed: wholeNumber(0, 2 ** 32 - 1),
  "patience-minutes": numberAboveZero(10_000),
});
const { minutes = 3, rate = 20, seed = 1, "patience-minutes": patience = 20 } = asked;
const patienceMs = patience * 60_000;

const say = (line: string): void => {
  print(`${line}\n`);
};
endWithChildren();
const dir = await mkdtemp(join(tmpdir(), "postrider-kill-"));
const { note, end } = progress();
say(`Killing the local edition for ${minutes} min at ${rate} messages a second, seed ${seed}`);
say(`  in ${dir}`);

const { audit, damage, kills, settledAfterMs, refusals, unattended, idleMsMax } = await killRun({
  ...{ dir, ratePerSecond: rate, seed, patienceMs, note, waitMs: { min: 1000, max: 10_000 } },
  isOver: ({ elapsedMs }) => elapsedMs > minutes * 60_000,
});
end();

const inFlight = kills.reduce((sum, kill) => sum + kill.inFlight, 0);
const starting = kills.filter(({ wasStarting }) => wasStarting).length;
const bound = kills.length * attemptsAtATime;
const { duplicates, waiting } = audit.facts;
say("");
say(
  `${counted(kills.length, "kill")}, ${starting} of them while it started, with ${counted(inFlight, "request")} in flight`,
);
const told = [...refusals].map(
  ([status, count]) => `${status || "no answer"} ${counted(count, "time")}`,
);
say(`the sender was told ${told.join(", ") || "nothing but promises"}, and asked again`);
const seconds = (settledAfterMs / 1000).toFixed(0);
say(
  waiting === 0
    ? `everything had ended ${seconds} s after the last kill`
    : `not everything had ended ${seconds} s after the last kill`,
);
say("");
for (const line of [...renderAudit(audit), ...renderDamage(damage)]) say(line);
say("");
say(
  `${counted(duplicates.crash, "duplicate")} by kills, of ${bound} that ${counted(kills.length, "kill")} may cause at most`,
);

const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
say(
  `${counted(unattended.measured, "message")} of lost workers were released, at most ${inSeconds(unattended.longestMs)} after the lease had ended;`,
);
say(
  `  while one was due, a running dispatcher was idle for ${inSeconds(unattended.longestIdleMs)} at most, of ${inSeconds(idleMsMax)} allowed`,
);

const isLate = unattended.longestIdleMs > idleMsMax;
if (isLate) {
  const { message, attempt, at } = unattended.latest ?? {};
  say(`  ! attempt ${attempt} of ${message} was released too late, at ${at}`);
}
const isFine =
  isClean(audit) && damage.length === 0 && waiting === 0 && duplicates.crash <= bound && !isLate;
if (isFine) await rm(dir, { recursive: true });
const isProof = kills.length > 0 && audit.facts.acknowledged > 0;
const kept = isProof
  ? "Every promise was kept."
  : "Nothing is proved: nothing was killed, or nothing acknowledged. Give it more --minutes.";
say(isFine ? `\n${kept}` : `\nNot every promise was kept; the logs are in ${dir}`);
process.exit(isFine ? (isProof ? 0 : exitCodes.notAll) : exitCodes.broken);

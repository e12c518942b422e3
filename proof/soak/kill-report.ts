import { counted } from "../options.ts";
import { isClean, renderAudit, renderDamage } from "../run-audit/render-run.ts";
import { attemptsAtATime, type KillRun } from "./kill-run.ts";
import type { Report } from "./report.ts";

const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const killsOf = ({ kills, refusals, settledAfterMs, audit }: KillRun): readonly string[] => {
  const inFlight = kills.reduce((sum, kill) => sum + kill.inFlight, 0);
  const starting = kills.filter(({ wasStarting }) => wasStarting).length;
  const told = [...refusals].map(
    ([status, count]) => `${status || "no answer"} ${counted(count, "time")}`,
  );
  const ended = audit.facts.waiting === 0 ? "everything had ended" : "not everything had ended";
  return [
    `${counted(kills.length, "kill")}, ${starting} of them while it started, with ${counted(inFlight, "request")} in flight`,
    `the sender was told ${told.join(", ") || "nothing but promises"}, and asked again`,
    `${ended} ${(settledAfterMs / 1000).toFixed(0)} s after the last kill`,
  ];
};

const releasesOf = ({ unattended, idleMsMax }: KillRun): readonly string[] => {
  const { measured, longestMs, longestIdleMs, latest } = unattended;
  const { message, attempt, at } = latest ?? {};
  return [
    `${counted(measured, "message")} of lost workers were released, at most ${inSeconds(longestMs)} after the lease had ended;`,
    `  while one was due, a running dispatcher was idle for ${inSeconds(longestIdleMs)} at most, of ${inSeconds(idleMsMax)} allowed`,
    ...(longestIdleMs > idleMsMax
      ? [`  ! attempt ${attempt} of ${message} was released too late, at ${at}`]
      : []),
  ];
};

/** Returns what a run with kills came to. */
export const killReport = (run: KillRun): Report => {
  const { audit, damage, kills, unattended, idleMsMax } = run;
  const { duplicates, waiting, acknowledged } = audit.facts;
  const bound = kills.length * attemptsAtATime;
  const isKept =
    isClean(audit) &&
    damage.length === 0 &&
    waiting === 0 &&
    duplicates.crash <= bound &&
    unattended.longestIdleMs <= idleMsMax;
  return {
    lines: [
      ...killsOf(run),
      "",
      ...renderAudit(audit),
      ...renderDamage(damage),
      "",
      `${counted(duplicates.crash, "duplicate")} by kills, of ${bound} that ${counted(kills.length, "kill")} may cause at most`,
      ...releasesOf(run),
    ],
    isKept,
    notProved:
      kills.length > 0 && acknowledged > 0
        ? undefined
        : "nothing was killed, or nothing acknowledged. Give it more --minutes",
    figures: { kills: kills.length, unattended, facts: audit.facts, counts: audit.counts },
  };
};

import type { FailureGroup, ListedMessage } from "../../client/answers.ts";
import { hostOf } from "../../domain/target-host.ts";

/** What is seen of a target, by its host. */
export type Target = {
  readonly host: string;
  readonly isFailing: boolean;
  /** Messages to it that wait, of those that were read. */
  readonly waiting: number;
  /** Messages to it that FAILED, of those that were counted. */
  readonly undelivered: number;
  /** When something failed last: epoch milliseconds. */
  readonly lastFailureAt?: number;
};

/** A message that ended as FAILED this recently makes its target a failing one. */
export const recentMs = 3_600_000;

const hasFailed = ({ lastOutcome }: ListedMessage): boolean =>
  lastOutcome !== undefined && lastOutcome.class !== "accepted";

const latest = (times: readonly (string | undefined)[]): { lastFailureAt?: number } => {
  const known = times.flatMap((time) => (time === undefined ? [] : [Date.parse(time)]));
  return known.length === 0 ? {} : { lastFailureAt: Math.max(...known) };
};

/**
 * Returns the targets to which messages wait or FAILED, the worst first. A target is failing while a
 * message to it waits after an attempt that failed, or if one FAILED in the last hour.
 */
export const targetsOf = (
  waiting: readonly ListedMessage[],
  failures: readonly FailureGroup[],
  now: number,
): readonly Target[] => {
  const hosts = new Set([
    ...failures.map(({ key }) => key),
    ...waiting.map(({ targetUrl }) => hostOf(targetUrl)),
  ]);
  const targets = [...hosts].map((host) => {
    const those = waiting.filter(({ targetUrl }) => hostOf(targetUrl) === host);
    const failed = those.filter(hasFailed);
    const group = failures.find(({ key }) => key === host);
    const isRecent = group !== undefined && now - Date.parse(group.lastAt) < recentMs;
    return {
      host,
      isFailing: failed.length > 0 || isRecent,
      ...{ waiting: those.length, undelivered: group?.count ?? 0 },
      ...latest([group?.lastAt, ...failed.map(({ lastOutcome }) => lastOutcome?.at)]),
    };
  });
  const weight = ({ isFailing, waiting, undelivered }: Target): number =>
    (isFailing ? 1e9 : 0) + undelivered + waiting;
  return targets.sort((a, b) => weight(b) - weight(a) || a.host.localeCompare(b.host));
};

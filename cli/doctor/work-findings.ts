import { spanInWords } from "../../domain/duration.ts";
import type { Finding } from "../finding.ts";

/** A number of messages: at least so many where it is not exact. */
export type Count = { readonly count: number; readonly isExact: boolean };

/** What a sender's messages look like. */
export type WorkFacts = {
  readonly unfinished: Count;
  /** When the first attempt was due that nobody makes, of the messages that are checked next. */
  readonly waitingSince?: number;
  /** Messages that FAILED within the last day. */
  readonly failed: Count;
  /** Where most of the latest failures are, if there are any. */
  readonly worst?: { readonly target: string; readonly count: number };
};

/** The dispatcher comes each minute; a few of its runs may be lost. */
const lateMs = 300_000;
const tooLateMs = 3_600_000;

const numberOf = ({ count, isExact }: Count): string =>
  `${count.toLocaleString("en")}${isExact ? "" : "+"}`;

const messages = (count: Count): string =>
  count.count === 1 && count.isExact ? "1 message" : `${numberOf(count)} messages`;

const backlogFinding = (
  { unfinished, waitingSince }: WorkFacts,
  { now, isLocal }: { readonly now: number; readonly isLocal: boolean },
): Finding => {
  const about = "backlog";
  const waitedMs = waitingSince === undefined ? 0 : now - waitingSince;
  if (waitedMs <= lateMs) {
    const what =
      unfinished.count === 0
        ? "No message is unfinished."
        : `${messages(unfinished)} unfinished, and none is late.`;
    return { level: "ok", about, what };
  }
  return {
    ...{ level: waitedMs < tooLateMs ? "attention" : "broken", about },
    what: `${messages(unfinished)} unfinished, and an attempt that was due ${spanInWords(waitedMs)} ago has not begun.`,
    todo: isLocal
      ? "See the terminal of the edition: more may be due than it can deliver, or its files cannot be written."
      : "More is due than the worker delivers, or worker or dispatcher fail: see the alarms, and the guide on operating.",
  };
};

const failureFinding = ({ failed, worst }: WorkFacts): Finding => {
  const about = "failures";
  if (failed.count === 0)
    return { level: "ok", about, what: "No message FAILED within the last day." };
  const where = worst === undefined ? "" : `, most of the latest at ${worst.target}`;
  return {
    ...{ level: "attention", about },
    what: `${messages(failed)} FAILED within the last day${where}.`,
    todo: "postrider list --status FAILED shows them, postrider why <messageId> says why. Once that is fixed: postrider replay --status FAILED.",
  };
};

/** Judges what a sender has waiting, and what FAILED. */
export const workFindings = (
  work: WorkFacts,
  place: { readonly now: number; readonly isLocal: boolean },
): readonly Finding[] => [backlogFinding(work, place), failureFinding(work)];

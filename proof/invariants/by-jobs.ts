import { isTerminal, type Message } from "../../domain/message.ts";
import type { Written } from "./events.ts";
import type { Past } from "./past.ts";
import type { Violation } from "./promises.ts";

type Change = { readonly before: Message; readonly after: Message };

const isReplay = ({ before, after }: Change): boolean =>
  isTerminal(before.status) && !isTerminal(after.status);
const isCancel = ({ before, after }: Change): boolean =>
  (after.status === "CANCELLED" && before.status !== "CANCELLED") ||
  (after.cancelRequestedAt !== undefined && before.cancelRequestedAt === undefined);

/** What a change by a job breaks: that a replayed message is QUEUED needs no entry. */
export const judgeByJob = (past: Past, write: Written): readonly Violation[] => {
  const { before, after, jobId } = write;
  if (!jobId || !before || !after) return [];
  const change = { before, after };
  const { planned, entered, hasReplayed = false } = past.jobs?.[jobId] ?? {};
  const found: Violation[] = [];
  const add = (what: string): unknown => found.push({ invariant: "once", what });
  if ((isReplay(change) || isCancel(change)) && entered !== before.replays)
    add(`${jobId} acted on round ${before.replays}, without an entry of it`);
  if (isReplay(change) && hasReplayed) add(`${jobId} replayed it again`);
  // By a wrong clock what failed since the plan may have failed before it.
  if (isReplay(change) && planned !== before.replays && !past.isClockBroken)
    add(`${jobId} replayed round ${before.replays}, and planned round ${planned}`);
  return found;
};

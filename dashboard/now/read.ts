import type { Failures, MessagePage } from "../../client/answers.ts";
import type { Ask } from "../ask.ts";
import type { Count } from "../numbers.ts";
import { PageProblem } from "../page-problem.ts";

type Percentiles = { readonly p50Ms?: number; readonly p95Ms?: number };

/** The answer of `GET /v1/outcomes`. */
export type OutcomesAnswer = {
  readonly buckets: readonly {
    readonly from: string;
    readonly to: string;
    readonly completed: number;
    readonly retried: number;
    readonly failed: number;
  }[];
  readonly delivery: Percentiles;
  readonly exchange: Percentiles;
};

/** What the page Now is made of. */
export type NowAnswers = {
  readonly unfinished: Count;
  readonly failed: Count;
  /** Those of the unfinished messages that are looked at next. */
  readonly next: MessagePage;
  readonly failures: Failures;
  /** Absent where outcomes are not counted. */
  readonly outcomes?: OutcomesAnswer | undefined;
};

/** Asks for everything that the page Now shows, at once: outcomes from that time on. */
export const readNow = async (
  ask: Ask,
  from: string,
  readFailures: () => Promise<Failures>,
): Promise<NowAnswers> => {
  const [unfinished, failed, next, failures, outcomes] = await Promise.all([
    ask.page<Count>("/v1/counts?status=unfinished"),
    ask.page<Count>("/v1/counts?status=FAILED"),
    ask.page<MessagePage>("/v1/messages?status=unfinished&limit=100"),
    readFailures(),
    ask.get<OutcomesAnswer>(`/v1/outcomes?${new URLSearchParams({ from })}`),
  ]);
  const read = { unfinished, failed, next, failures };
  if (outcomes.kind === "answer") return { ...read, outcomes: outcomes.value };
  if (outcomes.problem.code === "NOT_FOUND") return read;
  throw new PageProblem(outcomes.problem);
};

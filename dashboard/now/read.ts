import type { Failures, MessagePage, Outcomes } from "../../client/answers.ts";
import type { Answered, Ask } from "../ask.ts";
import type { Count } from "../numbers.ts";
import { PageProblem } from "../page-problem.ts";
import { answerMemory, type Viewer } from "./memory.ts";

/** What the page Now is made of. */
export type NowAnswers = {
  readonly unfinished: Count;
  readonly failed: Count;
  /** Those of the unfinished messages that are looked at next. */
  readonly next: MessagePage;
  readonly failures: Failures;
  /** Absent where outcomes are not counted. */
  readonly outcomes?: Outcomes | undefined;
};

const readOrThrow = <Value>(answer: Answered<Value>): Value => {
  if (answer.kind === "refused") throw new PageProblem(answer.problem);
  return answer.value;
};

/** Where outcomes are not counted, there is nothing at their address. */
const outcomesOf = (answer: Answered<Outcomes>): Outcomes | undefined =>
  answer.kind === "refused" && answer.problem.code === "NOT_FOUND"
    ? undefined
    : readOrThrow(answer);

/**
 * Returns how to ask for everything that the page Now shows, at once: outcomes from that time on. What
 * reads hundreds of items is remembered for a refresh.
 */
export const nowReader = () => {
  const remembered = answerMemory();

  return async (ask: Ask, from: string, viewer: Viewer): Promise<NowAnswers> => {
    const outcomesPath = `/v1/outcomes?${new URLSearchParams({ from })}`;
    const [unfinished, failed, next, failures, outcomes] = await Promise.all([
      ask.page<Count>("/v1/counts?status=unfinished"),
      ask.page<Count>("/v1/counts?status=FAILED"),
      ask.page<MessagePage>("/v1/messages?status=unfinished&limit=100"),
      remembered<Failures>(ask, "/v1/failures?by=target", viewer),
      remembered<Outcomes>(ask, outcomesPath, viewer),
    ]);
    return {
      ...{ unfinished, failed, next },
      ...{ failures: readOrThrow(failures), outcomes: outcomesOf(outcomes) },
    };
  };
};

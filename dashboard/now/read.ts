import type { Failures, MessagePage, Outcomes } from "../../client/answers.ts";
import type { Answered, Ask } from "../ask.ts";
import type { Count } from "../numbers.ts";
import { PageProblem } from "../page-problem.ts";
import { sampleMax } from "./delivered.ts";
import { answerMemory, type Viewer } from "./memory.ts";

/** What the page Now is made of. */
export type NowAnswers = {
  readonly unfinished: Count;
  readonly failed: Count;
  /** The unfinished messages that are checked next. */
  readonly next: MessagePage;
  readonly failures: Failures;
  /** Absent where outcomes are not counted. */
  readonly outcomes?: Outcomes | undefined;
  /** The latest deliveries, where outcomes are not counted and messages are listed. */
  readonly delivered?: MessagePage | undefined;
  /** Whether there is a list of all messages. */
  readonly isListed: boolean;
  /** Since when outcomes are shown. */
  readonly from: string;
};

const samplePath = `/v1/messages?status=COMPLETED&limit=${sampleMax}`;

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
 * Returns how to ask for everything that the page Now shows, at once: outcomes from that time on.
 * What reads hundreds of items is remembered for a refresh.
 */
export const nowReader = () => {
  const remembered = answerMemory();

  return async (ask: Ask, from: string, viewer: Viewer): Promise<NowAnswers> => {
    const outcomesPath = `/v1/outcomes?${new URLSearchParams({ from })}`;
    const [unfinished, failed, next, failures, counted, latest] = await Promise.all([
      ask.page<Count>("/v1/counts?status=unfinished"),
      ask.page<Count>("/v1/counts?status=FAILED"),
      ask.page<MessagePage>("/v1/messages?status=unfinished&limit=100"),
      remembered<Failures>(ask, "/v1/failures?by=target", viewer),
      remembered<Outcomes>(ask, outcomesPath, viewer),
      remembered<MessagePage>(ask, "/v1/messages?limit=1", viewer),
    ]);
    const isListed = latest.kind === "answer";
    const outcomes = outcomesOf(counted);
    const needsSample = outcomes === undefined && isListed;
    const sample = needsSample ? await remembered<MessagePage>(ask, samplePath, viewer) : undefined;
    return {
      ...{ unfinished, failed, next, outcomes, isListed, from },
      failures: readOrThrow(failures),
      delivered: sample && readOrThrow(sample),
    };
  };
};

import type { Post } from "../adapters/http.ts";
import { limits } from "../domain/limits.ts";
import type { Exchange, NoAnswerClass } from "../domain/outcome.ts";
import type { OutgoingRequest } from "../domain/request.ts";
import { type TargetPolicy, targetUrlFaults } from "../domain/target-url.ts";
import { type Answered, answerOf, type Misbehaviour } from "./answer.ts";
import { deliveryOf, type PlaceReceiver, type Reached, receiverAt } from "./receiver.ts";
import type { VirtualTime } from "./time.ts";

/** A network of receivers in this process: no socket, no name server, and a clock that is given. */
export type TestNetwork = {
  readonly post: Post;
  readonly receiver: PlaceReceiver;
};

const noAnswer = (of: NoAnswerClass, durationMs = 0): Exchange => ({
  ...{ kind: "no-answer", class: of, durationMs, timings: {} },
});

const answered = ({ status, text, retryAfter }: Answered, durationMs: number): Exchange => {
  const kept = text.slice(0, limits.responseTextCharsMax).toWellFormed();
  return {
    ...{ kind: "answered", status, durationMs, timings: { firstByteMs: durationMs } },
    // As the real client does, which keeps the answers to failed attempts only.
    ...(status >= 300 && kept !== "" && { text: kept }),
    ...(status >= 300 && retryAfter !== undefined && { retryAfter }),
  };
};

/** Throws a TypeError that names every reason why no message can be sent to a URL. */
const checkUrl = (url: string, policy: TargetPolicy): void => {
  const faults = targetUrlFaults(url, policy);
  if (faults.length > 0)
    throw new TypeError(
      `No message can be sent to ${JSON.stringify(url)}: it ${faults.join(", ")}`,
    );
};

export const testNetwork = (
  { now, wait, report }: Pick<VirtualTime, "now" | "wait" | "report">,
  policy: TargetPolicy,
): TestNetwork => {
  const byOrigin = new Map<string, Reached>();

  /** A receiver that throws is a test that fails. Its sender sees a connection that breaks. */
  const answerOfReceiver = async ({ answerTo }: Reached, request: OutgoingRequest) => {
    try {
      return await answerOf(await answerTo(deliveryOf(request, now())));
    } catch (error) {
      report(error);
      return { kind: "drop" } as const;
    }
  };

  const exchange = async (
    answer: Answered | Misbehaviour,
    deadlineMs: number,
  ): Promise<Exchange> => {
    if (answer.kind === "refuse") return noAnswer("connect");
    if (answer.kind === "drop") return noAnswer("reset");
    const isInTime = answer.kind === "answer" && answer.delayMs < deadlineMs;
    const takesMs = isInTime ? answer.delayMs : deadlineMs;
    if (takesMs > 0) await wait(takesMs);
    return isInTime ? answered(answer, takesMs) : noAnswer("timeout", takesMs);
  };

  return {
    post: async (request, deadlineMs) => {
      const reached = byOrigin.get(new URL(request.url).origin);
      if (!reached) return noAnswer("dns");
      return exchange(await answerOfReceiver(reached, request), deadlineMs);
    },
    receiver: (url, answer) => {
      checkUrl(url, policy);
      const { origin } = new URL(url);
      if (byOrigin.has(origin))
        throw new TypeError(`There is a receiver at ${origin}. It takes every path of its origin`);
      const reached = receiverAt(url, answer);
      byOrigin.set(origin, reached);
      return reached.receiver;
    },
  };
};

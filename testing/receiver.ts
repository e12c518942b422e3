import type { OutgoingRequest } from "../domain/request.ts";
import { checkAnswers, type TestAnswer } from "./answer.ts";

/** A request as a receiver got it. It can be given to `new Request(delivery.url, delivery)`. */
export type TestDelivery = {
  /** The `webhook-id`: the same on every attempt and replay. */
  readonly id: string;
  readonly senderId: string;
  readonly messageId: string;
  readonly attempt: number;
  readonly url: string;
  readonly method: OutgoingRequest["method"];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | null;
  /** The body as text: empty if there is none. */
  readonly text: string;
  /** When it came, in epoch milliseconds by the clock of the test. */
  readonly at: number;
};

/** Decides about each request. One that throws makes the `advance` throw in which it is called. */
export type AnswerFunction = (delivery: TestDelivery) => TestAnswer | Promise<TestAnswer>;

export type TestReceiver = {
  /** Where it is: what to give as `targetUrl`. It takes every path of its origin. */
  readonly url: string;
  /** The requests that it got, in order. */
  readonly deliveries: readonly TestDelivery[];
  /** Answers the next requests so, one after the other, before what `always` says. */
  readonly next: (...answers: readonly TestAnswer[]) => void;
  /** Answers all other requests so, from now on. Until then: 200. */
  readonly always: (answer: TestAnswer | AnswerFunction) => void;
};

/**
 * Puts a receiver at an origin. Throws a TypeError that names every fault if no message can be sent
 * to the URL, if its origin is taken, or if the answer is not valid.
 */
export type PlaceReceiver = (url: string, answer?: TestAnswer | AnswerFunction) => TestReceiver;

/** A receiver, and what the network asks it. */
export type Reached = {
  readonly receiver: TestReceiver;
  readonly answerTo: (delivery: TestDelivery) => TestAnswer | Promise<TestAnswer>;
};

const always200: TestAnswer = 200;

/** Makes a receiver. It records a request before it answers it, unless it refuses to be reached. */
export const receiverAt = (
  url: string,
  answer: TestAnswer | AnswerFunction = always200,
): Reached => {
  const deliveries: TestDelivery[] = [];
  const queue: TestAnswer[] = [];
  let usual: TestAnswer | AnswerFunction = always200;
  const always: TestReceiver["always"] = (given) => {
    if (typeof given !== "function") checkAnswers([given]);
    usual = given;
  };
  const next: TestReceiver["next"] = (...answers) => {
    checkAnswers(answers);
    queue.push(...answers);
  };
  always(answer);
  return {
    receiver: { url, deliveries, next, always },
    answerTo: (delivery) => {
      const given = queue.shift() ?? usual;
      if (given === "refuse") return given;
      deliveries.push(delivery);
      return typeof given === "function" ? given(delivery) : given;
    },
  };
};

/** Returns a request as a receiver sees it. */
export const deliveryOf = (
  { url, method, headers, body }: OutgoingRequest,
  at: number,
): TestDelivery => ({
  id: headers["webhook-id"] ?? "",
  senderId: headers["postrider-sender-id"] ?? "",
  messageId: headers["postrider-message-id"] ?? "",
  attempt: Number(headers["postrider-attempt"]),
  ...{ url, method, headers, at },
  body: body && new Uint8Array(body),
  text: body ? new TextDecoder().decode(body) : "",
});

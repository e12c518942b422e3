import { msOf, type Span } from "./duration.ts";

/** What a receiver does with a request. A `Response` is an answer, too. */
export type TestAnswer =
  /** Answers with this status. */
  | number
  /** Takes the request and closes the connection without an answer. */
  | "drop"
  /** Takes the request and never answers. */
  | "hang"
  /** Does not let anybody connect: it gets no request. */
  | "refuse"
  | {
      /** Default: 200. */
      readonly status?: number | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
      readonly body?: string | undefined;
      /** How long it takes, by the clock of the test. A slow one may be past the time-out. */
      readonly delay?: Span | undefined;
    }
  | ResponseLike;

/** As much of a `Response` as is used. */
export type ResponseLike = {
  readonly status: number;
  readonly headers: { readonly get: (name: string) => string | null };
  readonly text: () => Promise<string>;
};

/** An answer with every part of it. */
export type Answered = {
  readonly kind: "answer";
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
  readonly delayMs: number;
};
export type Misbehaviour = { readonly kind: "drop" | "hang" | "refuse" };

const isResponse = (answer: object): answer is ResponseLike =>
  typeof (answer as Partial<ResponseLike>).text === "function";

const headerOf = (headers: Readonly<Record<string, string>>, wanted: string): string | undefined =>
  Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1];

const faultsOf = (answer: unknown): readonly string[] => {
  if (typeof answer === "string")
    return ["drop", "hang", "refuse"].includes(answer)
      ? []
      : [`${JSON.stringify(answer)} is none of "drop", "hang" and "refuse"`];
  const status = typeof answer === "object" ? (Object(answer).status ?? 200) : answer;
  return Number.isInteger(status) && status >= 200 && status <= 599
    ? []
    : [`status ${JSON.stringify(status)} is no whole number from 200 to 599`];
};

/** Throws a TypeError that names every fault of answers that are given beforehand. */
export const checkAnswers = (answers: readonly unknown[]): void => {
  const faults = answers.flatMap((answer, index) =>
    faultsOf(answer).map((fault) => `answer ${index + 1}: ${fault}`),
  );
  if (faults.length > 0) throw new TypeError(faults.join("\n"));
  for (const answer of answers) msOf(Object(answer).delay ?? 0);
};

/** Returns an answer with every part of it. Throws a TypeError if it is not valid. */
export const answerOf = async (answer: TestAnswer): Promise<Answered | Misbehaviour> => {
  checkAnswers([answer]);
  if (typeof answer === "string") return { kind: answer };
  const kind = "answer";
  if (typeof answer === "number")
    return { kind, status: answer, retryAfter: undefined, text: "", delayMs: 0 };
  if (isResponse(answer)) {
    const retryAfter = answer.headers.get("retry-after") ?? undefined;
    return { kind, status: answer.status, retryAfter, text: await answer.text(), delayMs: 0 };
  }
  const { status = 200, headers = {}, body = "", delay = 0 } = answer;
  const retryAfter = headerOf(headers, "retry-after");
  return { kind, status, retryAfter, text: body, delayMs: msOf(delay) };
};

import { documentOf, Problem, type ProblemCode, retryAfterSeconds } from "../domain/problem.ts";

/** Returns the answer to a request that is refused unread, and why: nothing has happened. */
export const refusal = (why: string) => {
  const answer = answerOf("SYSTEM_ERROR", `${why}. Repeating the same request later is safe.`);
  return { ...answer, headers: { ...answer.headers, "retry-after": String(retryAfterSeconds) } };
};

/** Returns the answer to a request that does not come from where requests may come from. */
export const forbidden = (why: string) => answerOf("FORBIDDEN", why);

const answerOf = (code: ProblemCode, detail: string) => {
  const document = documentOf(new Problem(code, detail));
  return {
    status: document.status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
    body: JSON.stringify(document),
  };
};

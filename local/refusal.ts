import { documentOf, Problem, retryAfterSeconds } from "../domain/problem.ts";

/** The answer to a request that is not even looked at, and why: nothing has happened. */
export const refusal = (why: string) => {
  const problem = new Problem("SYSTEM_ERROR", `${why}. Repeating the same request later is safe.`);
  const document = documentOf(problem);
  return {
    status: document.status,
    headers: {
      "content-type": "application/problem+json",
      "retry-after": String(retryAfterSeconds),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
    body: JSON.stringify(document),
  };
};

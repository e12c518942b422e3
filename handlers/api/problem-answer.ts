import type { Context } from "hono";
import { documentOf, Problem, retryAfterSeconds } from "../../domain/problem.ts";

/**
 * Returns the answer to a request that met a problem (RFC 9457). Problems are rendered nowhere
 * else.
 */
export const problemAnswer = (context: Context, problem: Problem): Response => {
  const document = documentOf(problem);
  context.header("content-type", "application/problem+json");
  if (problem.code === "SYSTEM_ERROR") context.header("retry-after", String(retryAfterSeconds));
  if (problem.code === "UNAUTHENTICATED") context.header("www-authenticate", "Bearer");
  return context.body(JSON.stringify(document), document.status);
};

/** Returns what a caller is told of an error of ours: nothing of the error itself. */
export const systemError = (cause: unknown): Problem =>
  new Problem(
    "SYSTEM_ERROR",
    "Something on our side did not answer. Repeating the same request is safe.",
    { cause },
  );

import type { ZodOpenApiResponseObject } from "zod-openapi";
import { type ProblemCode, problems } from "../../domain/problem.ts";
import { headersOf } from "./headers.ts";
import { problemHeaders, problemSchema, sampleOf } from "./problem-schema.ts";

/** Of several problems with one status, the answer names each. */
const problemAnswer = (codes: readonly ProblemCode[]): ZodOpenApiResponseObject => ({
  description: codes.map((code) => `${code}: ${problems[code].title}.`).join(" "),
  ...(codes.some((code) => problemHeaders[code]) && {
    headers: headersOf(Object.assign({}, ...codes.map((code) => problemHeaders[code]))),
  }),
  content: {
    "application/problem+json": {
      schema: problemSchema,
      examples: Object.fromEntries(codes.map((code) => [code, { value: sampleOf(code) }])),
    },
  },
});

/**
 * Returns the answers for some problems, one a status. Each has a name by its codes, so that
 * operations share it.
 */
export const problemAnswersOf = (codes: readonly ProblemCode[]) => {
  const byStatus = Map.groupBy(codes, (code) => problems[code].status);
  return [...byStatus].map(([status, alike]) => ({
    status,
    name: alike.join("_or_"),
    response: problemAnswer(alike),
  }));
};

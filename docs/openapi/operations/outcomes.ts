import { outcomes } from "../answers/outcomes.ts";
import type { Operations } from "../operation.ts";
import { outcomesQuery } from "../requests.ts";

/** How attempts ended, over time. */
export const outcomeOperations = {
  "GET /v1/outcomes": {
    ...{ operationId: "countOutcomes", tag: "Failures", scope: "messages:read" },
    summary: "Count outcomes over time",
    description:
      "Counts how the attempts of your messages ended: in buckets of five minutes for up to a day, else of an hour. The counts are about right, and not exact.",
    query: outcomesQuery,
    answers: { 200: { description: "The counts.", schema: outcomes } },
    problems: ["NOT_FOUND"],
    example: { status: 200 },
  },
} as const satisfies Operations;

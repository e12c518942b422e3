import { failures } from "../answers/failures.ts";
import type { Operations } from "../operation.ts";
import { failuresQuery } from "../requests.ts";

/** What failed messages have in common. */
export const failureOperations = {
  "GET /v1/failures": {
    ...{ operationId: "groupFailures", tag: "Failures", scope: "messages:read" },
    summary: "See what fails",
    description:
      "Groups your latest messages that FAILED, at most 1,000, by target or reason. The largest group comes first.",
    query: failuresQuery,
    answers: { 200: { description: "The groups.", schema: failures } },
    example: {
      ...{ status: 200, query: { by: "target" } },
      answer: { groups: [], isComplete: true },
    },
  },
} as const satisfies Operations;

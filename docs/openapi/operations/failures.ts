import { failures, messageCount } from "../answers/failures.ts";
import type { Operations } from "../operation.ts";
import { countsQuery, failuresQuery } from "../requests.ts";

/** What failed messages have in common. */
export const failureOperations = {
  "GET /v1/failures": {
    ...{ operationId: "groupFailures", tag: "Failures", scope: "messages:read" },
    summary: "Group failures",
    description:
      "Groups your latest messages that FAILED, at most 1,000, by target or reason. The largest group comes first.",
    query: failuresQuery,
    answers: { 200: { description: "The groups.", schema: failures } },
    example: {
      ...{ status: 200, query: { by: "target" } },
      answer: { groups: [], isComplete: true },
    },
  },
  "GET /v1/counts": {
    ...{ operationId: "countMessages", tag: "Failures", scope: "messages:read" },
    summary: "Count messages",
    description:
      "Counts your messages that FAILED, or that are unfinished, exactly up to 10,000. The index that is counted may be behind by seconds.",
    query: countsQuery,
    answers: { 200: { description: "How many there are.", schema: messageCount } },
    example: {
      ...{ status: 200, query: { status: "unfinished" }, after: ["POST /v1/messages"] },
      answer: { count: 1, isExact: true },
    },
  },
} as const satisfies Operations;

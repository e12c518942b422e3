import { steered } from "../answers/messages.ts";
import type { Operations } from "../operation.ts";
import { empty, replay } from "../requests.ts";

const path = { messageId: "order-1" };
const problems = ["INVALID_STATE"] as const;

/** What a sender may do with a message. */
export const steerOperations = {
  "POST /v1/messages/{messageId}/cancel": {
    ...{ operationId: "cancelMessage", tag: "Actions", scope: "messages:write" },
    summary: "Cancel a message",
    description:
      "Cancels a message that has not ended. To cancel again changes nothing. CANCELLED does not mean that the target got nothing: an attempt from before may have reached it.",
    ...{ body: empty, isBodyOptional: true },
    answers: {
      200: { description: "It is CANCELLED.", schema: steered },
      202: {
        description: "An attempt is under way, and is the last one: it cannot be recalled.",
        schema: steered,
      },
    },
    problems,
    example: { status: 200, path, after: ["POST /v1/messages"] },
  },
  "POST /v1/messages/{messageId}/send-now": {
    ...{ operationId: "sendMessageNow", tag: "Actions", scope: "messages:write" },
    summary: "Send a message now",
    description:
      "Makes the next attempt of a PENDING or QUEUED message at once, instead of after its wait. It counts as an attempt.",
    ...{ body: empty, isBodyOptional: true },
    answers: { 202: { description: "The next attempt is due.", schema: steered } },
    problems,
    example: { status: 202, path, after: ["POST /v1/messages"] },
  },
  "POST /v1/messages/{messageId}/replay": {
    ...{ operationId: "replayMessage", tag: "Actions", scope: "messages:write" },
    summary: "Replay a message",
    description:
      "Gives a COMPLETED, FAILED or CANCELLED message a new round of attempts, of the same request under the same `webhook-id`.",
    ...{ body: replay, isBodyOptional: true },
    answers: { 202: { description: "The new round has begun.", schema: steered } },
    problems,
    example: {
      ...{ status: 202, path, body: { attempts: 3 } },
      after: ["POST /v1/messages", "POST /v1/messages/{messageId}/cancel"],
    },
  },
  "DELETE /v1/messages/{messageId}": {
    ...{ operationId: "eraseMessage", tag: "Actions", scope: "messages:write" },
    summary: "Erase the content of a message",
    description:
      "Removes headers, body and what targets answered of a message that has ended. The rest stays until it expires: its id stays taken. To erase again changes nothing.",
    ...{ body: empty, isBodyOptional: true },
    answers: { 200: { description: "Its content is erased.", schema: steered } },
    problems,
    example: {
      ...{ status: 200, path },
      after: ["POST /v1/messages", "POST /v1/messages/{messageId}/cancel"],
    },
  },
} as const satisfies Operations;

import {
  createdSender,
  key,
  keyPage,
  keyWithText,
  sender,
  senderChangePage,
  senderPage,
  senderWithSecret,
} from "../answers/senders.ts";
import type { Operations } from "../operation.ts";
import { empty, newKey, newSender, pageQuery, rotation, senderChange } from "../requests.ts";

const path = { senderId: "shop" };
const location = { Location: "The path of the sender." };

/** What operators do. A key of a sender opens none of them. */
export const senderOperations = {
  "POST /v1/senders": {
    ...{ operationId: "createSender", tag: "Senders", scope: "senders:write" },
    summary: "Create a sender",
    description:
      "Creates a sender with a signing secret and a first key. Both are shown in this answer and never again.",
    body: newSender,
    answers: { 201: { description: "The sender.", schema: createdSender, headers: location } },
    problems: ["SENDER_EXISTS"],
    example: { status: 201, body: { senderId: "billing", key: { label: "billing, production" } } },
  },
  "GET /v1/senders": {
    ...{ operationId: "listSenders", tag: "Senders", scope: "senders:read" },
    summary: "List senders",
    description: "Lists the senders page by page.",
    query: pageQuery,
    answers: { 200: { description: "A page of the list.", schema: senderPage } },
    example: { status: 200, query: { limit: 10 } },
  },
  "GET /v1/senders/{senderId}": {
    ...{ operationId: "getSender", tag: "Senders", scope: "senders:read" },
    summary: "Read a sender",
    description: "Shows a sender, its defaults and which secrets sign. Never a secret.",
    answers: { 200: { description: "The sender.", schema: sender } },
    example: { status: 200, path },
  },
  "PATCH /v1/senders/{senderId}": {
    ...{ operationId: "changeSender", tag: "Senders", scope: "senders:write" },
    summary: "Change a sender",
    description: "Changes the defaults for messages that are submitted from then on.",
    body: senderChange,
    answers: { 200: { description: "The sender as it then is.", schema: sender } },
    example: { status: 200, path, body: { defaults: { timeoutMs: 10_000 } } },
  },
  "GET /v1/senders/{senderId}/history": {
    ...{ operationId: "senderHistory", tag: "Senders", scope: "senders:read" },
    summary: "See what operators did to a sender",
    description:
      "Lists the changes of a sender, its keys and its signing secrets, the newest first, page by page: who made them, when and from which address.",
    query: pageQuery,
    answers: { 200: { description: "A page of the list.", schema: senderChangePage } },
    example: {
      ...{ status: 200, path, query: { limit: 10 } },
      after: ["PATCH /v1/senders/{senderId}"],
    },
  },
  "GET /v1/senders/{senderId}/keys": {
    ...{ operationId: "listKeys", tag: "Senders", scope: "senders:read" },
    summary: "List the keys of a sender",
    description: "Lists the keys of a sender page by page, and never their texts.",
    query: pageQuery,
    answers: { 200: { description: "A page of the list.", schema: keyPage } },
    example: { status: 200, path, query: { limit: 10 } },
  },
  "POST /v1/senders/{senderId}/keys": {
    ...{ operationId: "createKey", tag: "Senders", scope: "senders:write" },
    summary: "Add a key to a sender",
    description: "Creates a key. It is shown in this answer and never again.",
    body: newKey,
    answers: { 201: { description: "The key.", schema: keyWithText } },
    example: { status: 201, path, body: { label: "reports", scopes: ["messages:read"] } },
  },
  "POST /v1/senders/{senderId}/keys/{keyId}/revoke": {
    ...{ operationId: "revokeKey", tag: "Senders", scope: "senders:write" },
    summary: "Revoke a key",
    description: "Ends a key for good. It may still be taken for up to 60 seconds.",
    ...{ body: empty, isBodyOptional: true },
    answers: { 200: { description: "The key, which is revoked.", schema: key } },
    example: {
      ...{ status: 200, path, pathFrom: { keyId: "keyId" } },
      after: ["POST /v1/senders/{senderId}/keys"],
    },
  },
  "POST /v1/senders/{senderId}/secrets/rotate": {
    ...{ operationId: "rotateSecret", tag: "Senders", scope: "senders:write" },
    summary: "Rotate the signing secret of a sender",
    description:
      "Gives a sender a new signing secret. The previous ones keep signing until the overlap ends.",
    ...{ body: rotation, isBodyOptional: true },
    answers: { 200: { description: "The sender and its new secret.", schema: senderWithSecret } },
    problems: ["ROTATION_CONFLICT", "TOO_MANY_SECRETS"],
    example: { status: 200, path, body: { overlap: "24h" } },
  },
} as const satisfies Operations;

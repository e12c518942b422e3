import { health } from "../answers/service.ts";
import type { Operations } from "../operation.ts";
import { ifNoneMatch } from "../parameters.ts";

const notModified = { description: "It is the one that `If-None-Match` names." } as const;
const etag = { ETag: "Names this version." };

/** What needs no key. */
export const serviceOperations = {
  "GET /healthz": {
    ...{ operationId: "health", tag: "Service" },
    summary: "See whether the process runs",
    description: "Looks at neither the table nor the queue.",
    answers: { 200: { description: "It runs.", schema: health } },
    example: { status: 200, answer: { status: "ok" } },
  },
  "POST /healthz/delivery": {
    ...{ operationId: "checkDelivery", tag: "Service" },
    summary: "Receive a delivery of this deployment",
    description:
      "A target for trying a deployment: send a message here, and see it COMPLETED. It answers only to a delivery of at most 4 KB that a secret of its sender signed in the last five minutes. To everybody else there is nothing at this address.",
    answers: { 204: { description: "It is one, and its signature is right." } },
    problems: ["VALIDATION_ERROR", "NOT_FOUND", "PAYLOAD_TOO_LARGE", "SYSTEM_ERROR"],
    example: { status: 404 },
  },
  "GET /openapi.json": {
    ...{ operationId: "openapi", tag: "Service" },
    summary: "Read the OpenAPI document",
    description:
      "Describes every operation of this deployment, in OpenAPI 3.1, from the schemas that requests are parsed with.",
    headers: ifNoneMatch,
    answers: {
      200: { description: "The document.", contentType: "application/json", headers: etag },
      304: notModified,
    },
    example: { status: 200 },
  },
  "GET /docs": {
    ...{ operationId: "docs", tag: "Service" },
    summary: "Read the OpenAPI document as a page",
    description: "Shows this document to a person. The page has no script and loads nothing.",
    headers: ifNoneMatch,
    answers: {
      200: { description: "The page.", contentType: "text/html", headers: etag },
      304: notModified,
    },
    example: { status: 200 },
  },
} as const satisfies Operations;

import * as z from "zod";
import {
  type CreateDocumentOptions,
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from "zod-openapi";
import { headersOf } from "./headers.ts";
import {
  type Answer,
  type Example,
  type Operation,
  pathParametersOf,
  problemsOf,
  type Route,
  tags,
} from "./operation.ts";
import { operationList } from "./operations.ts";
import { pathParameters } from "./parameters.ts";
import { problemAnswersOf } from "./problem-answers.ts";

const answerOf = (answer: Answer, example: unknown): ZodOpenApiResponseObject => {
  const { description, schema, contentType, headers } = answer;
  return {
    description,
    ...(headers && { headers: headersOf(headers) }),
    ...(schema && {
      content: { "application/json": { schema, ...(example !== undefined && { example }) } },
    }),
    ...(contentType !== undefined && { content: { [contentType]: {} } }),
  };
};

/** Says what a parameter is about once, and gives it the example that is sent with it. */
const asParameter = (member: z.ZodType, example: unknown): z.ZodType => {
  const { description } = member.meta() ?? {};
  const param = { description, ...(example !== undefined && { example }) };
  return member.meta({ description: undefined, examples: undefined, param });
};

const asParameters = (schema: z.ZodObject, examples: Example["query"] = {}): z.ZodObject =>
  z.object(
    Object.fromEntries(
      Object.entries<z.ZodType>(schema.shape).map(([name, member]) => [
        name,
        asParameter(member, examples[name]),
      ]),
    ),
  );

const operationObject = (route: Route, operation: Operation): ZodOpenApiOperationObject => {
  const { operationId, tag, summary, description, scope, headers, query, body, answers, example } =
    operation;
  const parameters = pathParametersOf(route);
  return {
    ...{ operationId, tags: [tag], summary, description },
    security: scope ? [{ apiKey: [scope] }] : [],
    ...((parameters.length > 0 || headers || query) && {
      requestParams: {
        ...(parameters.length > 0 && {
          path: asParameters(pathParameters(parameters), example.path),
        }),
        ...(headers && { header: asParameters(headers) }),
        ...(query && { query: asParameters(query, example.query) }),
      },
    }),
    ...(body && {
      requestBody: {
        required: operation.isBodyOptional !== true,
        content: {
          "application/json": {
            schema: body,
            ...(example.body !== undefined && { example: example.body }),
          },
        },
      },
    }),
    responses: Object.fromEntries([
      ...Object.entries(answers).map(([status, answer]) => [
        status,
        answerOf(answer, Number(status) === example.status ? example.answer : undefined),
      ]),
      ...problemAnswersOf(problemsOf(route, operation)).map(({ status, name }) => [
        String(status),
        { $ref: `#/components/responses/${name}` },
      ]),
    ]),
  };
};

const pathsOf = (): ZodOpenApiPathsObject => {
  const paths: ZodOpenApiPathsObject = {};
  for (const [route, operation] of operationList) {
    const [method = "", path = ""] = route.split(" ");
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationObject(route, operation) };
  }
  return paths;
};

const problemResponses = (): Record<string, ZodOpenApiResponseObject> =>
  Object.fromEntries(
    operationList
      .flatMap(([route, operation]) => problemAnswersOf(problemsOf(route, operation)))
      .map(({ name, response }) => [name, response]),
  );

const options: CreateDocumentOptions = {
  // The rules of such a member are code; its shape is in its metadata.
  allowEmptySchema: { custom: true },
  override: ({ jsonSchema, zodSchema, io }) => {
    // Later versions may add members to an answer. What they refuse in a request, they name.
    if (io === "output" && jsonSchema.additionalProperties === false)
      delete jsonSchema.additionalProperties;
    if (zodSchema instanceof z.ZodISODateTime || jsonSchema.type === "integer")
      delete jsonSchema.pattern;
  },
};

/** Makes the OpenAPI document of the HTTP interface. */
export const openApiDocument = () =>
  createDocument(
    {
      openapi: "3.1.0",
      info: {
        title: "Postrider",
        version: "1",
        summary: "Reliable HTTP message delivery in your own AWS account.",
        description:
          "Takes a message once, and delivers it to its target with retries. Every time is RFC 3339, such as `2026-01-31T12:00:00Z`, in answers in UTC; and every error a problem document (RFC 9457) with a stable `code`. An answer may get more members in a later version; a request with members that are not here is refused. Any request may be answered 503 with `Retry-After`; to repeat it is safe.",
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: "/", description: "The deployment that serves this document." }],
      tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
      paths: pathsOf(),
      components: {
        securitySchemes: {
          apiKey: {
            type: "http",
            scheme: "bearer",
            bearerFormat: "prk_…",
            description:
              "The API key of a sender, or of an operator for `senders:`. An operation names the scope that the key must have.",
          },
        },
        responses: problemResponses(),
      },
    },
    options,
  );

/** Returns the text of `handlers/api/openapi.json`. */
export const openApiText = (): string => `${JSON.stringify(openApiDocument(), null, 1)}\n`;

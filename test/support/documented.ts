import * as z from "zod";
import { type Operation, problemsOf, type Route } from "../../docs/openapi/operation.ts";
import { operationList } from "../../docs/openapi/operations.ts";
import { problemSchema } from "../../docs/openapi/problem-schema.ts";

type Documented = { readonly route: Route; readonly operation: Operation };

const patterns = operationList
  .map(([route, operation]) => ({
    ...{ route, operation },
    pattern: new RegExp(`^${route.replaceAll(/[.]/g, "\\.").replaceAll(/\{\w+\}/g, "[^/?#]+")}$`),
  }))
  // A literal segment is nearer than a parameter.
  .sort((a, b) => a.route.split("{").length - b.route.split("{").length);

/** Returns the operation that answers a request, if it is in the document. */
export const operationFor = (method: string, url: string): Documented | undefined => {
  const [path = ""] = url.replace(/^https?:\/\/[^/]+/, "").split(/[?#]/);
  return patterns.find(({ pattern }) => pattern.test(`${method} ${path}`));
};

type Answered = { readonly status: number; readonly headers: Headers; readonly text: string };

/** Returns what is wrong with an answer, in the eyes of the document, or undefined. */
const faultOf = ({ route, operation }: Documented, answered: Answered): string | undefined => {
  const { status, headers, text } = answered;
  if (status === 405) return undefined;
  const isProblem = headers.get("content-type") === "application/problem+json";
  const schema = isProblem ? problemSchema : operation.answers[status]?.schema;
  if (!isProblem && !operation.answers[status]) return `The document has no answer ${status}.`;
  if (!schema) return undefined;
  const parsed = schema.safeParse(JSON.parse(text));
  if (!parsed.success) return z.prettifyError(parsed.error);
  const code = problemSchema.safeParse(parsed.data).data?.code;
  return code && !problemsOf(route, operation).includes(code)
    ? `The document does not list the problem ${code}.`
    : undefined;
};

/**
 * Throws if an answer is not as the OpenAPI document has it: its status, each of its members and no
 * other, and its problem. An answer of no operation is no matter of the document.
 */
export const expectDocumented = (method: string, url: string, answered: Answered): void => {
  const documented = operationFor(method, url);
  const fault = documented && faultOf(documented, answered);
  if (fault !== undefined)
    throw new Error(
      `${documented?.route} answered ${answered.status} otherwise than docs/openapi/operations/ says. ${fault}`,
    );
};

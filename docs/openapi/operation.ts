import type * as z from "zod";
import type { OperatorScope, Scope } from "../../domain/api-key.ts";
import type { ProblemCode } from "../../domain/problem.ts";

/** A method and a path as OpenAPI writes it: `GET /v1/messages/{messageId}`. */
export type Route = `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`;

/** What the tags of the document are about, in the order in which they are shown. */
export const tags = {
  Messages: "Submit messages, and see where they are.",
  Actions: "What a sender may do with a message: cancel it, send it now, replay it, erase it.",
  Failures:
    "What failed messages have in common, how many there are, and how attempts end over time.",
  Jobs: "One action on every message that matches a filter.",
  Senders: "Senders, their keys and signing secrets: for operators, with keys of their own.",
  Service: "The service itself. No key is needed.",
} as const;

/** Stands in examples for the id of whatever key the tests have. */
export const exampleKeyId = "Qd9bAnBT6f4A";

/** One answer that is no problem. Without a schema it has no content, or content of another type. */
export type Answer = {
  readonly description: string;
  readonly schema?: z.ZodObject;
  readonly contentType?: string;
  /** Its headers, by name, and what each says. */
  readonly headers?: Readonly<Record<string, string>>;
};

/** A request that works, which the tests send, and what is answered to it. */
export type Example = {
  readonly status: number;
  readonly path?: Readonly<Record<string, string>>;
  /** Members of the path that the answer just before has: their names there. */
  readonly pathFrom?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  /** The answer to it, to the letter: the tests compare. */
  readonly answer?: unknown;
  /** The operations whose examples are sent before, in this order, so that it works. */
  readonly after?: readonly Route[];
};

/** One operation of the HTTP interface. The document, the tests and the page are made from it. */
export type Operation = {
  readonly operationId: string;
  readonly tag: keyof typeof tags;
  readonly summary: string;
  readonly description: string;
  /** The scope that a key must have. Without one, no key is needed. */
  readonly scope?: Scope | OperatorScope;
  /** Its optional headers; and the schemas that the route parses with. */
  readonly headers?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  readonly isBodyOptional?: boolean;
  readonly answers: Readonly<Record<number, Answer>>;
  /** The problems of its own, besides those that follow from scope, path, query and body. */
  readonly problems?: readonly ProblemCode[];
  readonly example: Example;
};

/** The operations of one area, by route. */
export type Operations = Readonly<Record<Route, Operation>>;

/** Returns the names in braces in a route's path. */
export const pathParametersOf = (route: string): readonly string[] =>
  [...route.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);

/** Returns the codes of all problems that an operation can answer. */
export const problemsOf = (route: string, operation: Operation): readonly ProblemCode[] => {
  const { scope, query, body, problems = [] } = operation;
  const named = pathParametersOf(route);
  return [
    ...((body ?? query) || named.includes("messageId") ? (["VALIDATION_ERROR"] as const) : []),
    ...(scope ? (["UNAUTHENTICATED", "FORBIDDEN"] as const) : []),
    ...(named.length > 0 ? (["NOT_FOUND"] as const) : []),
    ...(body ? (["PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"] as const) : []),
    ...problems,
    ...(scope ? (["SYSTEM_ERROR"] as const) : []),
  ];
};

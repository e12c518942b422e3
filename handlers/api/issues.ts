import type * as z from "zod";
import { InexactNumber, inexact } from "../../domain/json.ts";
import { limits } from "../../domain/limits.ts";
import { type Issue, Problem } from "../../domain/problem.ts";

/** A longer path keeps this many parts at its beginning and its end, with `…` between them. */
const pathPartsMax = 12;
const firstParts = 6;
/** A name in a path is the sender's, and may be as long as the request. */
const pathPartCharsMax = 64;
const messageCharsMax = 256;

const kinds: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  array: "an array",
  object: "an object",
};

const boundOf = (word: string, bound: number | bigint, origin: string): string => {
  if (origin === "string") return `must be ${word} ${bound} characters long`;
  if (origin !== "array") return `must be ${word} ${bound}`;
  return `must have ${word} ${bound} ${bound === 1 ? "entry" : "entries"}`;
};

/** What fits whatever was expected: what is not there is not of a wrong type. */
export const faultOfInput = ({ input }: { readonly input?: unknown }): string | undefined => {
  if (input === undefined) return "is required";
  return input instanceof InexactNumber ? inexact : undefined;
};

/**
 * What zod finds wrong, in the words of whoever reads it: what the member must be, as all other
 * issues say it. To be given to every parse, so that no text of zod's own gets out.
 */
export const inWords = (issue: z.core.$ZodRawIssue): string => {
  const fault = faultOfInput(issue);
  if (fault !== undefined) return fault;
  switch (issue.code) {
    case "invalid_type":
      return `must be ${kinds[issue.expected] ?? `a ${issue.expected}`}`;
    case "invalid_value":
      return `must be one of ${issue.values.join(", ")}`;
    case "too_small":
      return boundOf("at least", issue.minimum, issue.origin);
    case "too_big":
      return boundOf("at most", issue.maximum, issue.origin);
    default:
      return "is not valid";
  }
};

/** The issues of a parse. Unknown members come as one issue of zod's; each is named by itself. */
export const issuesOf = (error: z.ZodError): readonly Issue[] =>
  error.issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
    return issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: [...path, key], message: "is not a known member" }))
      : [{ path, message: issue.message }];
  });

const cut = (text: string, charsMax: number): string =>
  text.length <= charsMax ? text : `${text.slice(0, charsMax - 1).toWellFormed()}…`;

/** An answer must not grow with what was sent, however deep that is and however it names things. */
const bounded = ({ path, message }: Issue): Issue => {
  const lastParts = pathPartsMax - firstParts - 1;
  const parts =
    path.length <= pathPartsMax
      ? path
      : [...path.slice(0, firstParts), "…", ...path.slice(-lastParts)];
  return {
    path: parts.map((part) => (typeof part === "string" ? cut(part, pathPartCharsMax) : part)),
    message: cut(message, messageCharsMax),
  };
};

/** The problem of a message that has these faults. */
export const invalid = (issues: readonly Issue[]): Problem =>
  new Problem("VALIDATION_ERROR", `The message has ${issues.length} fault(s).`, {
    // A body of numbers that cannot be kept would be answered with many times its own size.
    issues: issues.slice(0, limits.issuesMax).map(bounded),
  });

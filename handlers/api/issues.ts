import type * as z from "zod";
import { inWords } from "../../adapters/in-words.ts";
import { InexactNumber, inexact } from "../../domain/json.ts";
import { limits } from "../../domain/limits.ts";
import { type Issue, Problem } from "../../domain/problem.ts";

const { issuePathPartsMax, issuePathPartCharsMax, issueMessageCharsMax } = limits;
/** Of a longer path these are shown, `…`, and as many of its last parts as there is room for. */
const firstParts = 6;

/** What fits whatever was expected: what is not there is not of a wrong type. */
export const faultOfInput = ({ input }: { readonly input?: unknown }): string | undefined => {
  if (input === undefined) return "is required";
  return input instanceof InexactNumber ? inexact : undefined;
};

/** What is wrong with a member, in one voice. To be given to every parse. */
export const faultInWords = (issue: z.core.$ZodRawIssue): string =>
  faultOfInput(issue) ?? inWords(issue);

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
  const lastParts = issuePathPartsMax - firstParts - 1;
  const parts =
    path.length <= issuePathPartsMax
      ? path
      : [...path.slice(0, firstParts), "…", ...path.slice(-lastParts)];
  return {
    path: parts.map((part) => (typeof part === "string" ? cut(part, issuePathPartCharsMax) : part)),
    message: cut(message, issueMessageCharsMax),
  };
};

/** The problem of a message that has these faults. */
export const invalid = (issues: readonly Issue[]): Problem =>
  new Problem("VALIDATION_ERROR", `The message has ${issues.length} fault(s).`, {
    // A body of numbers that cannot be kept would be answered with many times its own size.
    issues: issues.slice(0, limits.issuesMax).map(bounded),
  });

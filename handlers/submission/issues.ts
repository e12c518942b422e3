import type * as z from "zod";
import { limits } from "../../domain/limits.ts";
import { type Issue, Problem } from "../../domain/problem.ts";

const { issuesMax, issuePathPartCharsMax, issueMessageCharsMax } = limits;

/** How many issues are collected: one more than are listed shows that there are more. */
export const collectedMax = issuesMax + 1;

/**
 * Returns the issues of a parse, at most one more than are listed. zod reports unknown members as
 * one issue; each is named by itself.
 */
export const issuesOf = (error: z.ZodError): readonly Issue[] => {
  const issues: Issue[] = [];
  for (const issue of error.issues) {
    const room = collectedMax - issues.length;
    if (room <= 0) break;
    const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
    if (issue.code !== "unrecognized_keys") issues.push({ path, message: issue.message });
    else
      for (const key of issue.keys.slice(0, room))
        issues.push({ path: [...path, key], message: "is not a known member" });
  }
  return issues;
};

const cut = (text: string, charsMax: number): string =>
  text.length <= charsMax ? text : `${text.slice(0, charsMax - 1).toWellFormed()}…`;

/** Bounds an issue, so that an answer does not grow with the names in a request. */
const bounded = ({ path, message }: Issue): Issue => ({
  path: path.map((part) => (typeof part === "string" ? cut(part, issuePathPartCharsMax) : part)),
  message: cut(message, issueMessageCharsMax),
});

const countOf = (count: number): string => {
  if (count > issuesMax) return `more than ${issuesMax} faults`;
  return count === 1 ? "1 fault" : `${count} faults`;
};

/** Returns the VALIDATION_ERROR that lists the first `issuesMax` of these issues. */
export const invalid = (issues: readonly Issue[]): Problem =>
  new Problem("VALIDATION_ERROR", `The request has ${countOf(issues.length)}.`, {
    issues: issues.slice(0, issuesMax).map(bounded),
  });

/** Returns a problem with the first `max` of its issues. */
export const withIssuesMax = (problem: Problem, max: number): Problem => {
  const { code, message, issues, messageStatus, cause } = problem;
  if (issues.length <= max) return problem;
  return new Problem(code, message, {
    issues: issues.slice(0, max),
    cause,
    ...(messageStatus && { messageStatus }),
  });
};

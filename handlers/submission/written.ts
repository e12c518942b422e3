import { membersOf, type SourceMember } from "../../domain/json-source.ts";
import { limits } from "../../domain/limits.ts";
import type { Issue } from "../../domain/problem.ts";
import { collectedMax } from "./issues.ts";

const tooDeep = `is nested more than ${limits.jsonDepthMax} deep`;

/** What only the source text shows: the source of `body`, and faults such as repeated members. */
export type Written = { readonly body?: string; readonly faults: readonly Issue[] };

/** Paths of nested members that are also checked for repeated members. */
const withMembers = new Set([
  "headers",
  "retry",
  "defaults",
  "defaults.retry",
  "key",
  "filter",
  "canary",
]);

/**
 * Yields the members of a JSON object. `JSON.parse` silently keeps the last of two members with one
 * name, so each repeated one is a fault.
 */
const membersOnce = function* (
  text: string,
  at: readonly string[],
  add: (issue: Issue) => void,
): Generator<SourceMember> {
  const seen = new Set<string>();
  for (const member of membersOf(text)) {
    const { name } = member;
    if (seen.has(name)) add({ path: [...at, name], message: "is given more than once" });
    seen.add(name);
    yield member;
  }
};

/** Collects faults: at most one more than are listed. */
const collectFaults = () => {
  const faults: Issue[] = [];
  const add = (issue: Issue): void => {
    if (faults.length < collectedMax) faults.push(issue);
  };
  return { faults, add };
};

/** Returns the source text of one member of a JSON object, and a fault for each repeated one. */
export const memberIn = (
  text: string,
  wanted: string,
): { readonly source?: string; readonly faults: readonly Issue[] } => {
  const { faults, add } = collectFaults();
  let found: string | undefined;
  for (const { name, source } of membersOnce(text, [], add)) if (name === wanted) found = source;
  return { faults, ...(found !== undefined && { source: found }) };
};

/**
 * Reads the source text of a submit, or of one of its members at a path. Returns at most one fault
 * more than are listed.
 */
export const writtenIn = (text: string, at: readonly string[] = []): Written => {
  const { faults, add } = collectFaults();
  let body: string | undefined;
  for (const { name, source, depth } of membersOnce(text, at, add)) {
    const path = [...at, name];
    if (withMembers.has(path.join(".")) && source.startsWith("{"))
      for (const issue of writtenIn(source, path).faults) add(issue);
    if (at.length > 0 || name !== "body") continue;
    body = source;
    if (depth > limits.jsonDepthMax) add({ path: [name], message: tooDeep });
  }
  return { body, faults };
};

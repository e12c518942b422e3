import { membersOf } from "../../domain/json-source.ts";
import { limits } from "../../domain/limits.ts";
import type { Issue } from "../../domain/problem.ts";
import { collectedMax } from "./issues.ts";

const tooDeep = `is nested more than ${limits.jsonDepthMax} deep`;

/** What only the source text tells: the source of `body`, and faults such as repeated members. */
export type Written = { readonly body?: string; readonly faults: readonly Issue[] };

/** Members that are searched for repeated members too. */
const withMembers = new Set(["headers", "retry"]);

/**
 * Reads the source text of a JSON object. `JSON.parse` silently keeps the last of two members with
 * one name, so each repeated member is a fault. Returns at most one fault more than are listed.
 */
export const writtenIn = (text: string, at: readonly string[] = []): Written => {
  const faults: Issue[] = [];
  const add = (issue: Issue): void => {
    if (faults.length < collectedMax) faults.push(issue);
  };
  const seen = new Set<string>();
  let body: string | undefined;
  for (const { name, source, depth } of membersOf(text)) {
    if (seen.has(name)) add({ path: [...at, name], message: "is given more than once" });
    seen.add(name);
    if (at.length > 0) continue;
    if (withMembers.has(name) && source.startsWith("{"))
      for (const issue of writtenIn(source, [name]).faults) add(issue);
    if (name !== "body") continue;
    body = source;
    if (depth > limits.jsonDepthMax) add({ path: [name], message: tooDeep });
  }
  return { body, faults };
};

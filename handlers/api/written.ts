import { membersOf } from "../../domain/json-source.ts";
import { limits } from "../../domain/limits.ts";
import type { Issue } from "../../domain/problem.ts";
import { collectedMax } from "./issues.ts";

const tooDeep = `is nested more than ${limits.jsonDepthMax} deep`;

/** What only the text of a request tells: how its body is written, and which members come twice. */
export type Written = { readonly body?: string; readonly faults: readonly Issue[] };

/** Members whose own members count, and are looked through for repeated ones too. */
const withMembers = new Set(["headers", "retry"]);

/**
 * Reads the text of a request that JSON.parse makes an object of. Of two members with one name
 * JSON.parse keeps the last, and nobody would know that one is lost: each is a fault, one more of
 * them than are listed at most.
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

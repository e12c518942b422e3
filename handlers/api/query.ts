import type { Issue } from "../../domain/problem.ts";
import { collectedMax } from "./issues.ts";

/** Returns the names and values in the query of a URL, in their order. */
export const queryMembers = (url: string): readonly (readonly [string, string])[] => [
  ...new URL(url).searchParams,
];

/** Returns a fault for each name that is given again: one of its values would be lost. */
export const repeatedMembers = (
  members: readonly (readonly [string, string])[],
): readonly Issue[] => {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const [name] of members) {
    if (seen.has(name)) repeated.add(name);
    seen.add(name);
  }
  return [...repeated]
    .slice(0, collectedMax)
    .map((name) => ({ path: [name], message: "is given more than once" }));
};

import type * as z from "zod";
import type { Issue } from "../../domain/problem.ts";
import { collectedMax, invalid, issuesOf } from "../submission/issues.ts";

type QueryMembers = readonly (readonly [name: string, value: string])[];

/** Returns a fault for each name that is given again: one of its values would be lost. */
const repeatedMembers = (members: QueryMembers): readonly Issue[] => {
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

/** Reads the query of a URL. Throws VALIDATION_ERROR that names every fault. */
export const parseQuery = <Parsed>(
  url: string,
  parse: (members: Readonly<Record<string, string>>) => z.ZodSafeParseResult<Parsed>,
): Parsed => {
  const members: QueryMembers = [...new URL(url).searchParams];
  const parsed = parse(Object.fromEntries(members));
  const issues = [...(parsed.success ? [] : issuesOf(parsed.error)), ...repeatedMembers(members)];
  if (!parsed.success || issues.length > 0) throw invalid(issues);
  return parsed.data;
};

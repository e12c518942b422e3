import type { Hono } from "hono";
import { Problem } from "../../domain/problem.ts";
import type { ApiEnv } from "./env.ts";

/** Matches the paths of a route, and its pattern itself. */
const patternOf = (path: string): RegExp => new RegExp(`^${path.replaceAll(/:\w+/g, "[^/]+")}$`);

/**
 * Returns the methods of each path, those of patterns that match it too: `/batch` is an id as well.
 * Middleware is registered for all methods, and names none.
 */
const methodsByPath = ({ routes }: Hono<ApiEnv>): ReadonlyMap<string, ReadonlySet<string>> => {
  const named = routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => ({ method, path, pattern: patternOf(path) }));
  const methodsOf = (path: string): ReadonlySet<string> =>
    new Set(named.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method));
  return new Map(named.map(({ path }) => [path, methodsOf(path)]));
};

/**
 * Answers each path of the app with METHOD_NOT_ALLOWED and `Allow` (RFC 9110, 15.5.6) where it has
 * no route for the method. Call it after the last route.
 */
export const refuseOtherMethods = (app: Hono<ApiEnv>): void => {
  for (const [path, methods] of methodsByPath(app)) {
    const allow = [...methods].join(", ");
    app.all(path, (context) => {
      context.header("allow", allow);
      throw new Problem("METHOD_NOT_ALLOWED", `Only ${allow} is possible here.`);
    });
  }
};

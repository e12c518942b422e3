import type { Hono } from "hono";
import { Problem } from "../../domain/problem.ts";
import type { ApiEnv } from "./env.ts";

/** The methods of each path. Middleware is registered for all of them, and names none. */
const methodsByPath = ({ routes }: Hono<ApiEnv>): ReadonlyMap<string, ReadonlySet<string>> => {
  const found = new Map<string, Set<string>>();
  for (const { path, method } of routes)
    if (method !== "ALL") found.set(path, (found.get(path) ?? new Set()).add(method));
  return found;
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

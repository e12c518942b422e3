import { Hono } from "hono";
import * as z from "zod";
import { inWords } from "../../adapters/in-words.ts";
import { limits } from "../../domain/limits.ts";
import { isObject, moment } from "../submission/members.ts";
import { type Authenticate, requireScope } from "./authenticate.ts";
import { type CountAsk, countEntries } from "./count-entries.ts";
import type { ApiEnv } from "./env.ts";
import type { ListPageDeps } from "./list-page.ts";
import { isOrdered } from "./list-query.ts";
import { parseQuery } from "./query.ts";

export type CountsDeps = ListPageDeps & { readonly authenticate: Authenticate };

/** Those that have an index of their own, from which nothing else has to be left out. */
const countable = ["FAILED", "unfinished"] as const;

/** The members of the query, each judged by itself. */
export const countsMembers = z.strictObject({
  status: z.enum(countable, {
    error: ({ input }) =>
      input === undefined
        ? "is required"
        : `must be ${countable.join(" or ")}: no other status has an index of its own`,
  }),
  from: moment.optional(),
  to: moment.optional(),
});
type Members = z.infer<typeof countsMembers>;

const when = ({ value }: { readonly value: unknown }): boolean => isObject(value);
const unlessUnfinished = (name: "from" | "to") =>
  z.refine<Members>((given) => given.status !== "unfinished" || given[name] === undefined, {
    ...{ path: [name], when },
    message: "is only for FAILED: what is unfinished has no time at which it failed",
  });
const query = countsMembers.check(
  z.refine<Members>(isOrdered, { path: ["to"], message: "must be later than from", when }),
  unlessUnfinished("from"),
  unlessUnfinished("to"),
);

const filterIn = (url: string): CountAsk["filter"] => {
  const given = parseQuery(url, (members) => query.safeParse(members, { error: inWords }));
  return { status: given.status, from: given.from?.getTime(), to: given.to?.getTime() };
};

/**
 * Returns the route of `GET /v1/counts`: how many of the caller's messages FAILED or are
 * unfinished.
 */
export const counts = (deps: CountsDeps): Hono<ApiEnv> => {
  const app = new Hono<ApiEnv>();

  app.get("/", requireScope(deps.authenticate, "messages:read"), async (context) => {
    const filter = filterIn(context.req.url);
    const { senderId } = context.var.caller.sender;
    const counted = await countEntries(deps, { senderId, filter, max: limits.countedMax });
    return context.json(counted);
  });

  return app;
};

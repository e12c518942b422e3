import { Hono } from "hono";
import * as z from "zod";
import type { Clock } from "../../adapters/clock.ts";
import { inWords } from "../../adapters/in-words.ts";
import { limits } from "../../domain/limits.ts";
import { bucketsOf, type OutcomeRange, outcomeRange } from "../../domain/outcome-buckets.ts";
import { Problem } from "../../domain/problem.ts";
import type { OutcomeStore } from "../../entities/outcomes.ts";
import { isObject, moment } from "../submission/members.ts";
import { type Authenticate, requireScope } from "./authenticate.ts";
import type { ApiEnv } from "./env.ts";
import { isOrdered } from "./list-query.ts";
import { outcomesView } from "./outcomes-view.ts";
import { parseQuery } from "./query.ts";

export type OutcomesDeps = {
  readonly authenticate: Authenticate;
  readonly outcomes: OutcomeStore;
  readonly clock: Clock;
  /** Readers read every shard: counts stay in theirs when there are more. */
  readonly shards: number;
  readonly countOutcomes: boolean;
};

const dayMs = 86_400_000;
/** So that somebody whose clock is behind may ask for all of it. */
const clocksDifferMs = 3_600_000;

const oldest = (now: number): number => now - limits.outcomesDaysMax * dayMs - clocksDifferMs;

/** Returns the members of the query, each judged by itself. */
export const outcomesMembers = (now: number) => {
  const past = moment.refine((at) => at.getTime() >= oldest(now), {
    error: `must be at most ${limits.outcomesDaysMax} days ago: counts are not kept longer`,
  });
  return z.strictObject({
    from: past
      .refine((at) => at.getTime() <= now, { error: "must not be in the future" })
      .optional(),
    to: past.optional(),
  });
};

const when = ({ value }: { readonly value: unknown }): boolean => isObject(value);

/** Nothing is counted of what is to come; what is going on now is. */
const rangeIn = (url: string, now: number): OutcomeRange => {
  const query = outcomesMembers(now).check(
    z.refine(isOrdered, { path: ["to"], message: "must be later than from", when }),
  );
  const given = parseQuery(url, (members) => query.safeParse(members, { error: inWords }));
  const to = Math.min(given.to?.getTime() ?? now + 1, now + 1);
  return outcomeRange(given.from?.getTime() ?? Math.max(to - dayMs, oldest(now)), to);
};

/**
 * Returns the route of `GET /v1/outcomes`: how the attempts of the caller's messages ended, over
 * time.
 */
export const outcomes = (deps: OutcomesDeps): Hono<ApiEnv> => {
  const { authenticate, clock, shards, countOutcomes } = deps;
  const app = new Hono<ApiEnv>();

  app.get("/", requireScope(authenticate, "messages:read"), async (context) => {
    if (!countOutcomes)
      throw new Problem(
        "NOT_FOUND",
        "This deployment does not count outcomes (POSTRIDER_COUNT_OUTCOMES).",
      );
    const range = rangeIn(context.req.url, clock());
    const { senderId } = context.var.caller.sender;
    const parts = await Promise.all(
      Array.from({ length: shards }, (_, shard) =>
        deps.outcomes.between({ senderId, shard }, range),
      ),
    );
    return context.json(outcomesView(bucketsOf(range, parts.flat())));
  });

  return app;
};

import type { Context } from "hono";
import * as z from "zod";
import { limits } from "../../domain/limits.ts";
import type { ReplayAsked } from "../../domain/replay.ts";
import { moment, wholeNumber } from "../submission/members.ts";
import type { ApiEnv } from "./env.ts";
import { readMembersIfAny } from "./read-members.ts";

/** Returns the members of a replay. A time is judged against `now`. */
export const replayMembers = (now: number) =>
  z.strictObject({
    attempts: wholeNumber(1, limits.attemptsMax).optional(),
    deliverAt: moment
      .refine((at) => at.getTime() <= now + limits.deliverAheadMsMax, {
        error: "must be at most 30 days ahead",
      })
      .optional(),
  });

/** Reads what a replay may change. */
export const readReplay = async (context: Context<ApiEnv>, now: number): Promise<ReplayAsked> => {
  const { attempts, deliverAt } = (await readMembersIfAny(context, replayMembers(now))) ?? {};
  return {
    ...(attempts !== undefined && { attempts }),
    ...(deliverAt !== undefined && { deliverAt: deliverAt.getTime() }),
  };
};

import type { Context } from "hono";
import * as z from "zod";
import { inWords } from "../../adapters/in-words.ts";
import { limits } from "../../domain/limits.ts";
import type { ReplayAsked } from "../../domain/replay.ts";
import type { ApiEnv } from "./env.ts";
import { invalid, issuesOf } from "./issues.ts";
import { readBody } from "./read-body.ts";
import { expectJson, parseJson } from "./read-json.ts";
import { isObject, moment, wholeNumber } from "./submission-members.ts";
import { writtenIn } from "./written.ts";

const nothing = z.strictObject({});

const replay = (now: number) =>
  z.strictObject({
    attempts: wholeNumber(1, limits.attemptsMax).optional(),
    deliverAt: moment
      .refine((at) => at.getTime() <= now + limits.deliverAheadMsMax, {
        error: "must be at most 30 days ahead",
      })
      .optional(),
  });

/**
 * Reads a body that may be left out. Throws VALIDATION_ERROR with every fault and its path, and
 * UNSUPPORTED_MEDIA_TYPE if there is a body that is not declared as JSON.
 */
const readOptional = async <Schema extends z.ZodType>(
  context: Context<ApiEnv>,
  schema: Schema,
): Promise<z.infer<Schema> | undefined> => {
  const body = await readBody(context);
  return body.byteLength === 0 ? undefined : membersOf(context, schema, body);
};

/** Reads a body that must be there, as `readOptional` does. */
export const readMembers = async <Schema extends z.ZodType>(
  context: Context<ApiEnv>,
  schema: Schema,
): Promise<z.infer<Schema>> => membersOf(context, schema, await readBody(context));

const membersOf = <Schema extends z.ZodType>(
  context: Context<ApiEnv>,
  schema: Schema,
  body: ArrayBuffer,
): z.infer<Schema> => {
  expectJson(context.req.raw);
  const { text, value } = parseJson(body);
  const parsed = schema.safeParse(value, { error: inWords });
  const repeated = isObject(value) ? writtenIn(text).faults : [];
  const issues = [...(parsed.success ? [] : issuesOf(parsed.error)), ...repeated];
  if (!parsed.success || issues.length > 0) throw invalid(issues);
  return parsed.data;
};

/** Reads the body of a request that has no members. */
export const readNothing = async (context: Context<ApiEnv>): Promise<object> =>
  (await readOptional(context, nothing)) ?? {};

/** Reads what a replay may change. */
export const readReplay = async (context: Context<ApiEnv>, now: number): Promise<ReplayAsked> => {
  const { attempts, deliverAt } = (await readOptional(context, replay(now))) ?? {};
  return {
    ...(attempts !== undefined && { attempts }),
    ...(deliverAt !== undefined && { deliverAt: deliverAt.getTime() }),
  };
};

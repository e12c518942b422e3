import type { Context } from "hono";
import * as z from "zod";
import { inWords } from "../../adapters/in-words.ts";
import { invalid, issuesOf } from "../submission/issues.ts";
import { isObject } from "../submission/members.ts";
import { writtenIn } from "../submission/written.ts";
import type { ApiEnv } from "./env.ts";
import { readBody } from "./read-body.ts";
import { expectJson, parseJson } from "./read-json.ts";

const membersIn = <Schema extends z.ZodType>(
  body: ArrayBuffer,
  schema: Schema,
): z.infer<Schema> => {
  const { text, value } = parseJson(body);
  const parsed = schema.safeParse(value, { error: inWords });
  const repeated = isObject(value) ? writtenIn(text).faults : [];
  const issues = [...(parsed.success ? [] : issuesOf(parsed.error)), ...repeated];
  if (!parsed.success || issues.length > 0) throw invalid(issues);
  return parsed.data;
};

/**
 * Reads a JSON body. Throws VALIDATION_ERROR with every fault and its path, and
 * UNSUPPORTED_MEDIA_TYPE if it is not declared as JSON.
 */
export const readMembers = async <Schema extends z.ZodType>(
  context: Context<ApiEnv>,
  schema: Schema,
): Promise<z.infer<Schema>> => {
  expectJson(context.req.raw);
  return membersIn(await readBody(context), schema);
};

/** Reads a body in the same way. It may be left out. */
export const readMembersIfAny = async <Schema extends z.ZodType>(
  context: Context<ApiEnv>,
  schema: Schema,
): Promise<z.infer<Schema> | undefined> => {
  const body = await readBody(context);
  if (body.byteLength === 0) return undefined;
  expectJson(context.req.raw);
  return membersIn(body, schema);
};

/** A request without members. */
export const nothing = z.strictObject({});

/** Reads the body of a request that has no members. */
export const readNothing = async (context: Context<ApiEnv>): Promise<object> =>
  (await readMembersIfAny(context, nothing)) ?? {};

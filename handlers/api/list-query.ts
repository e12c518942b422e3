import * as z from "zod";
import { inWords } from "../../adapters/in-words.ts";
import { limits } from "../../domain/limits.ts";
import { type ListFilter, parseTarget } from "../../domain/list-filter.ts";
import { failReasons, statuses } from "../../domain/message.ts";
import { shape } from "../submission/json-shape.ts";
import { isObject, moment } from "../submission/members.ts";
import { parseQuery } from "./query.ts";

/** What `GET /v1/messages` is asked for. */
export type ListQuery = {
  readonly filter: ListFilter;
  readonly limit: number;
  readonly cursor?: string;
};

const { listPageMax, listPageDefault, cursorCharsMax, targetUrlCharsMax } = limits;

/** How many are on a page, in a query. */
export const limitInQuery = z
  .string()
  .regex(/^[0-9]{1,9}$/, "must be a whole number")
  .transform(Number)
  .pipe(z.number().min(1).max(listPageMax))
  .meta(shape({ type: "integer", minimum: 1, maximum: listPageMax, default: listPageDefault }));

/** Where a page begins, in a query. */
export const cursorInQuery = z.string().min(1).max(cursorCharsMax);

const target = z
  .string()
  .max(targetUrlCharsMax, { abort: true })
  .transform((text, context) => {
    const parsed = parseTarget(text);
    if (parsed) return parsed;
    const message = "must be a host such as example.com or example.com:8443, or a whole URL";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

/** The members that select messages. */
export const filterShape = {
  status: z.enum([...statuses, "unfinished"]).optional(),
  from: moment.optional(),
  to: moment.optional(),
  target: target.optional(),
  reason: z.enum(failReasons).optional(),
};

/** The members of the query, each judged by itself. */
export const listMembers = z.strictObject({
  ...filterShape,
  limit: limitInQuery.optional(),
  cursor: cursorInQuery.optional(),
});
type FilterMembers = z.infer<z.ZodObject<typeof filterShape>>;

type Between = { readonly from?: unknown; readonly to?: unknown };
/** Tells whether a time that is not listed any more is later than the first one that is. */
export const isOrdered = ({ from, to }: Between): boolean =>
  !(from instanceof Date && to instanceof Date) || from < to;
const isOfFailed = ({ status, reason }: FilterMembers): boolean =>
  reason === undefined || status === undefined || status === "FAILED";

/** Between members, and also checked where members themselves are wrong. */
const when = ({ value }: { readonly value: unknown }): boolean => isObject(value);
/** What must hold between the members of a filter. */
export const filterRules = [
  z.refine<FilterMembers>(isOrdered, { path: ["to"], message: "must be later than from", when }),
  z.refine<FilterMembers>(isOfFailed, {
    ...{ path: ["reason"], message: "is only for messages that FAILED", when },
  }),
] as const;
const query = listMembers.check(...filterRules);

/** Returns the filter that was asked for. A reason means messages that FAILED. */
export const filterOf = ({ from, to, target, reason, ...rest }: FilterMembers): ListFilter => {
  const status = reason === undefined ? rest.status : "FAILED";
  return {
    ...(status !== undefined && { status }),
    ...(from && { from: from.getTime() }),
    ...(to && { to: to.getTime() }),
    ...(target && { target }),
    ...(reason !== undefined && { reason }),
  };
};

const hasSparseIndex = ({ status, reason }: FilterMembers): boolean =>
  reason !== undefined || status === "FAILED" || status === "unfinished";
const sparseQuery = query.check(
  z.refine<FilterMembers>(hasSparseIndex, {
    ...{ path: ["status"], when },
    message:
      "must be FAILED or unfinished: this deployment keeps no index of all messages (POSTRIDER_LIST_ALL)",
  }),
);

/**
 * Reads the query of a list. Throws VALIDATION_ERROR that names every fault. Without an index of
 * all messages, a query that needs it is one.
 */
export const parseListQuery = (url: string, listAll: boolean): ListQuery => {
  const schema = listAll ? query : sparseQuery;
  const given = parseQuery(url, (members) => schema.safeParse(members, { error: inWords }));
  const { limit = listPageDefault, cursor } = given;
  return { filter: filterOf(given), limit, cursor };
};

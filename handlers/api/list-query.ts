import * as z from "zod";
import { inWords } from "../../adapters/in-words.ts";
import { limits } from "../../domain/limits.ts";
import { type ListFilter, parseTarget } from "../../domain/list-filter.ts";
import { failReasons, statuses } from "../../domain/message.ts";
import { parseQuery } from "./query.ts";
import { isObject, moment } from "./submission-members.ts";

/** What `GET /v1/messages` is asked for. */
export type ListQuery = {
  readonly filter: ListFilter;
  readonly limit: number;
  readonly cursor?: string;
};

const { listPageMax, listPageDefault, cursorCharsMax, targetUrlCharsMax } = limits;

const limit = z
  .string()
  .regex(/^[0-9]{1,9}$/, "must be a whole number")
  .transform(Number)
  .pipe(z.number().min(1).max(listPageMax));

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

const members = z.strictObject({
  status: z.enum([...statuses, "unfinished"]).optional(),
  from: moment.optional(),
  to: moment.optional(),
  target: target.optional(),
  reason: z.enum(failReasons).optional(),
  limit: limit.optional(),
  cursor: z.string().min(1).max(cursorCharsMax).optional(),
});
type Members = z.infer<typeof members>;

const isOrdered = ({ from, to }: Members): boolean =>
  !(from instanceof Date && to instanceof Date) || from < to;
const isOfFailed = ({ status, reason }: Members): boolean =>
  reason === undefined || status === undefined || status === "FAILED";

/** Between members, and also checked where members themselves are wrong. */
const when = ({ value }: { readonly value: unknown }): boolean => isObject(value);
const query = members.check(
  z.refine<Members>(isOrdered, { path: ["to"], message: "must be later than from", when }),
  z.refine<Members>(isOfFailed, {
    ...{ path: ["reason"], message: "is only for messages that FAILED", when },
  }),
);

/** Reads the query of a list. Throws VALIDATION_ERROR that names every fault. */
export const parseListQuery = (url: string): ListQuery => {
  const given = parseQuery(url, (members) => query.safeParse(members, { error: inWords }));
  const { from, to, limit = listPageDefault, cursor, reason, status, ...rest } = given;
  return {
    filter: {
      ...{ ...rest, reason, status: reason === undefined ? status : "FAILED" },
      ...{ from: from?.getTime(), to: to?.getTime() },
    },
    ...{ limit, cursor },
  };
};

import * as z from "zod";
import { limits } from "../../domain/limits.ts";
import { isObject, type SubmissionMembers, type submissionMembers } from "./members.ts";

/**
 * Returns the parsed time, or NaN: an invalid member is still the value that was sent.
 */
const msOf = (value: unknown): number => (value instanceof Date ? value.getTime() : Number.NaN);

type Rule = {
  readonly path: keyof SubmissionMembers;
  readonly message: string;
  readonly broken: (given: SubmissionMembers) => boolean;
};

/** Returns the rules between members. Every comparison with an absent time is false. */
const rulesAt = (now: () => number): readonly Rule[] => [
  {
    path: "bodyBase64",
    message: "cannot be given together with body",
    broken: ({ body, bodyBase64 }) => body !== undefined && bodyBase64 !== undefined,
  },
  {
    path: "method",
    message: "is GET, which has no body",
    broken: ({ method, body, bodyBase64 }) =>
      method === "GET" && (body !== undefined || bodyBase64 !== undefined),
  },
  {
    path: "deliverAt",
    message: "must be at most 30 days ahead",
    broken: ({ deliverAt }) => msOf(deliverAt) > now() + limits.deliverAheadMsMax,
  },
  {
    path: "giveUpAt",
    message: "must be later than the first attempt",
    broken: ({ deliverAt, giveUpAt }) => msOf(giveUpAt) <= msOf(deliverAt),
  },
  {
    path: "giveUpAt",
    message: "must be at most 14 days after the first attempt",
    broken: ({ deliverAt, giveUpAt }) => {
      const firstAt = Math.max(msOf(deliverAt ?? new Date(now())), now());
      return msOf(giveUpAt) > firstAt + limits.giveUpAfterMsMax;
    },
  },
];

/**
 * Adds the rules between members to their schema. They are checked also where members themselves
 * are wrong, so that a request is told every fault at once. `now` is asked at each parse.
 */
export const withRules = (schema: ReturnType<typeof submissionMembers>, now: () => number) =>
  schema.check(
    ...rulesAt(now).map(({ path, message, broken }) =>
      z.refine<SubmissionMembers>((given) => !broken(given), {
        path: [path],
        message,
        when: ({ value }) => isObject(value),
      }),
    ),
  );

import type { Context } from "hono";
import * as z from "zod";
import { type JobAsked, jobActions, jobStatusesFor } from "../../domain/job.ts";
import { limits } from "../../domain/limits.ts";
import { isObject, wholeNumber } from "../submission/members.ts";
import type { ApiEnv } from "./env.ts";
import { filterOf, filterRules, filterShape } from "./list-query.ts";
import { readMembers } from "./read-members.ts";

const canaryFault = 'must be false, or an object such as {"failShareMax":0.5}, from 0 to 1';
const canary = z.union(
  [z.literal(false), z.strictObject({ failShareMax: z.number().min(0).max(1) })],
  { error: canaryFault },
);

/** The members of a job, each judged by itself. */
export const jobMembers = z.strictObject({
  action: z.enum(jobActions),
  filter: z.strictObject(filterShape).check(...filterRules),
  planOnly: z.boolean().optional(),
  plan: z.string().min(1).max(limits.cursorCharsMax).optional(),
  ratePerSecond: wholeNumber(1, limits.jobRatePerSecondMax).optional(),
  canary: canary.optional(),
  attempts: wholeNumber(1, limits.attemptsMax).optional(),
});
type Members = z.infer<typeof jobMembers>;

/** Between members, and also checked where members themselves are wrong. */
const when = ({ value }: { readonly value: unknown }): boolean => isObject(value);

const allStatuses: readonly string[] = Object.values(jobStatusesFor).flat();

/** An unknown status is a fault of its own. */
const isForItsAction = ({ action, filter }: Members): boolean => {
  const status: string | undefined = isObject(filter) ? filter.status : undefined;
  const statuses: readonly string[] = jobStatusesFor[action] ?? allStatuses;
  return status === undefined || !allStatuses.includes(status) || statuses.includes(status);
};
const isReasonOfReplay = ({ action, filter }: Members): boolean =>
  action !== "cancel" || !isObject(filter) || filter.reason === undefined;
const isOfReplay =
  (member: "canary" | "attempts") =>
  ({ action, [member]: value }: Members): boolean =>
    value === undefined || action !== "cancel";

const jobRules = jobMembers.check(
  z.refine<Members>(isForItsAction, {
    ...{ path: ["filter", "status"], when },
    message:
      "does not go with the action: a replay is for FAILED, CANCELLED or COMPLETED messages, and a cancel for unfinished ones",
  }),
  z.refine<Members>(isReasonOfReplay, {
    ...{ path: ["filter", "reason"], when },
    message: "is only for messages that FAILED, which cannot be cancelled",
  }),
  z.refine<Members>(isOfReplay("canary"), {
    ...{ path: ["canary"], message: "is only for a replay", when },
  }),
  z.refine<Members>(isOfReplay("attempts"), {
    ...{ path: ["attempts"], message: "is only for a replay", when },
  }),
  z.refine<Members>(({ planOnly, plan }) => planOnly !== true || plan === undefined, {
    ...{ path: ["plan"], message: "cannot be given together with planOnly", when },
  }),
);

const hasSparseIndex = ({ action, filter }: Members): boolean =>
  action !== "replay" ||
  !isObject(filter) ||
  filter.status === undefined ||
  filter.status === "FAILED";
const sparseJobRules = jobRules.check(
  z.refine<Members>(hasSparseIndex, {
    ...{ path: ["filter", "status"], when },
    message: "must be FAILED: this deployment keeps no index of all messages (POSTRIDER_LIST_ALL)",
  }),
);

const defaults = {
  ratePerSecond: { replay: 10, cancel: limits.jobRatePerSecondMax },
  canary: { replay: { failShareMax: 0.5 }, cancel: undefined },
} as const;

/** What `POST /v1/jobs` is asked for. */
export type JobRequest = {
  readonly asked: JobAsked;
  readonly planOnly: boolean;
  /** The token of a plan that a job is to be made of. */
  readonly plan?: string;
};

/**
 * Reads the body of `POST /v1/jobs`. Throws VALIDATION_ERROR that names every fault. A replay has
 * canaries unless it says otherwise. Without an index of all messages, only those that FAILED can
 * be replayed.
 */
export const readJob = async (context: Context<ApiEnv>, listAll: boolean): Promise<JobRequest> => {
  const given = await readMembers(context, listAll ? jobRules : sparseJobRules);
  const { action, attempts, planOnly = false, plan } = given;
  const canary = given.canary === undefined ? defaults.canary[action] : given.canary;
  return {
    asked: {
      action,
      filter: filterOf(given.filter),
      ratePerSecond: given.ratePerSecond ?? defaults.ratePerSecond[action],
      ...(attempts !== undefined && { attempts }),
      ...(canary && { canary }),
    },
    planOnly,
    ...(plan !== undefined && { plan }),
  };
};

import * as z from "zod";
import { openedText, sealedText } from "../../adapters/sealed-text.ts";
import type { Vault } from "../../adapters/vault.ts";
import type { JobAsked, JobPlan } from "../../domain/job.ts";
import { limits } from "../../domain/limits.ts";
import { Problem } from "../../domain/problem.ts";
import { invalid } from "../submission/issues.ts";

/** What a plan is for: another action, filter or sender needs another plan. */
type PlanOf = { readonly senderId: string } & Pick<JobAsked, "action" | "filter" | "attempts">;

/** A plan that was made at a time. `nonce` is random: it becomes part of the job's id. */
export type MadePlan = { readonly at: number; readonly nonce: string; readonly plan: JobPlan };

const contextOf = ({ senderId, action, filter, attempts }: PlanOf): string => {
  const { status, from, to, target, reason } = filter;
  return `plan#${senderId}#${JSON.stringify([action, attempts, status, from, to, target, reason])}`;
};

const parts = z.tuple([z.number(), z.string(), z.number(), z.boolean(), z.number()]);

/** Returns a plan as the text that a caller gets. Only this service can make one. */
export const planTokenOf = (vault: Vault, of: PlanOf, { at, nonce, plan }: MadePlan): string => {
  const text = JSON.stringify([at, nonce, plan.count, plan.isExact, plan.writeUnits]);
  return sealedText(vault, contextOf(of), text);
};

/**
 * Returns the plan in a token. Throws VALIDATION_ERROR if it is not one that this service made for
 * this sender, action and filter.
 */
export const planIn = (vault: Vault, of: PlanOf, token: string): MadePlan => {
  const parsed = parts.safeParse(openedText(vault, contextOf(of), token));
  if (!parsed.success)
    throw invalid([
      {
        path: ["plan"],
        message: "is not a plan for this action and filter: request one with planOnly",
      },
    ]);
  const [at, nonce, count, isExact, writeUnits] = parsed.data;
  return { at, nonce, plan: { count, isExact, writeUnits } };
};

/** Tells whether a job may be made of a plan: later, what matches may have changed. */
export const isFresh = ({ at }: MadePlan, now: number): boolean =>
  now <= at + limits.jobPlanAgeMsMax;

export const planExpired = (): Problem =>
  new Problem(
    "PLAN_EXPIRED",
    `The plan is more than ${limits.jobPlanAgeMsMax / 60_000} minutes old. Request a new one with planOnly.`,
  );

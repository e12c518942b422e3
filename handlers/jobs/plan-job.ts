import type { Job, JobPlan } from "../../domain/job.ts";
import { isForJob, listOfJob, writeUnitsOf } from "../../domain/job-messages.ts";
import { limits } from "../../domain/limits.ts";
import type { Entry } from "../../domain/listing.ts";
import { hostOf } from "../../domain/target-host.ts";
import { type ListPageDeps, listPage } from "../api/list-page.ts";

/** How many of the messages go to one host. */
export type PlanGroup = { readonly key: string; readonly count: number };

/** What a job would do, before it does anything. */
export type Planned = { readonly plan: JobPlan; readonly groups: readonly PlanGroup[] };

/**
 * Counts the messages that a job would act on. Reads at most `jobPlanExaminedMax` messages, page by
 * page: of more the count is the least that it can be.
 */
export const planJob = async (
  deps: ListPageDeps,
  job: Pick<Job, "senderId" | "action" | "filter" | "before">,
  {
    examinedMax = limits.jobPlanExaminedMax,
    pageMax = limits.listExaminedMax,
  }: { readonly examinedMax?: number; readonly pageMax?: number } = {},
): Promise<Planned> => {
  const groups = new Map<string, number>();
  let [count, writeUnits, examined] = [0, 0, 0];
  let after: Entry | undefined;
  for (;;) {
    const { messages, next } = await listPage(deps, {
      ...{ senderId: job.senderId, filter: listOfJob(job), now: job.before },
      ...(after && { after }),
      ...{ limit: pageMax, examinedMax: pageMax },
    });
    for (const message of messages.filter((each) => isForJob(job, each))) {
      const host = hostOf(message.targetUrl);
      groups.set(host, (groups.get(host) ?? 0) + 1);
      count += 1;
      writeUnits += writeUnitsOf(job.action, message);
    }
    examined += pageMax;
    const isExact = next === null;
    if (isExact || examined >= examinedMax)
      return { plan: { count, isExact, writeUnits }, groups: largestOf(groups) };
    after = next;
  }
};

const largestOf = (groups: ReadonlyMap<string, number>): readonly PlanGroup[] =>
  [...groups]
    .map(([key, count]) => ({ key, count }))
    .sort((one, other) => other.count - one.count)
    .slice(0, limits.jobPlanGroupsMax);

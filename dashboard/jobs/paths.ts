import type { Job } from "../../client/job-answers.ts";
import { listPath } from "../messages/filter.ts";
import { type PlanAsked, planQuery } from "./asked.ts";

/** The address of the list of jobs. */
export const jobsPath = "/dashboard/jobs";

/** Returns the address of the page of a job. An id of a job stands in a path as it is. */
export const jobPath = (jobId: string): string => `${jobsPath}/${encodeURIComponent(jobId)}`;

/** Returns the address of the page that plans a job. */
export const planPath = (asked: PlanAsked = {}): string => {
  const query = planQuery(asked);
  return `${jobsPath}/plan${query === "" ? "" : `?${query}`}`;
};

/** Returns the list of what failed again since a job began. */
export const failedAgainPath = ({ filter, createdAt }: Job): string =>
  listPath({ status: "FAILED", target: filter.target, from: createdAt });

import type { Command } from "commander";
import { styled } from "../adapters/styled.ts";
import type { Job, JobPlan } from "../client/job-answers.ts";
import type { JobAsked } from "../client/requests.ts";
import { Failed } from "./failed.ts";
import type { Io } from "./io.ts";
import { jobLines, planLines } from "./job-lines.ts";
import { followJob } from "./job-progress.ts";
import { commonOf, pathOf } from "./options.ts";
import { show } from "./show.ts";
import { type WithClient, withClient } from "./with-client.ts";

export type BulkAsked = {
  readonly plan?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly detach?: boolean | undefined;
};

const declined = new Failed({
  kind: "stopped",
  what: "Nothing was done.",
  next: "Run it again to plan anew, or with --plan to see the plan only.",
});

/** Asks whether a plan is to be done. Throws a failure unless the answer is yes. */
const confirmed = async (
  io: Io,
  command: Command,
  { action }: JobAsked,
  { count }: JobPlan,
  url: string,
): Promise<void> => {
  if (!io.canAsk)
    throw new Failed({
      kind: "usage",
      what: "Nothing was done: there is no terminal to ask for a confirmation.",
      next: `Add --yes to let ${pathOf(command)} do it, or --plan to see the plan only.`,
    });
  const verb = action === "replay" ? "Replay" : "Cancel";
  const what = count === 1 ? "1 message" : `${count.toLocaleString("en")} messages`;
  if (!(await io.confirm(`${verb} ${what} at ${url}?`))) throw declined;
};

/** Plans a job, asks, begins it, and follows it until it has ended. */
export const bulk = (io: Io, command: Command, asked: JobAsked, options: BulkAsked) =>
  withClient(io, command, async (given: WithClient) => {
    const { client, connection, stoppable } = given;
    const isJson = commonOf(command).json;
    const plan = await client.jobs.plan(asked, stoppable);
    const { token: _, ...shown } = plan;
    if (options.plan) return show(io, isJson, shown, planLines(plan, asked));
    for (const line of planLines(plan, asked)) io.err(line);
    if (plan.count === 0) return;
    if (!options.yes) await confirmed(io, command, asked, plan, connection.url);

    // Not ended by Ctrl-C: the job may have begun, and its id is needed to pause it. Of one plan
    // there is one job, so the client may repeat the request.
    const job: Job = await client.jobs.start(asked, plan);
    io.err(["The job is ", styled("bold", job.jobId), "."]);
    if (options.detach) return show(io, isJson, job, jobLines(job));
    return followJob(io, given, job, { isJson, pausesOnStop: true });
  });

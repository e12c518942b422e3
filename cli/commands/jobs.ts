import { Command, Option } from "commander";
import * as z from "zod";
import type { Job } from "../../client/job-answers.ts";
import { examples } from "../examples.ts";
import type { Io } from "../io.ts";
import { countLines, jobLines } from "../job-lines.ts";
import { followJob } from "../job-progress.ts";
import { commonOf, parseOptions } from "../options.ts";
import { show, showList } from "../show.ts";
import { statusStyle } from "../status-style.ts";
import type { Column } from "../table.ts";
import { countOption } from "../time-option.ts";
import { withClient } from "../with-client.ts";

const jobsDefault = 20;

const columns: readonly Column<Job>[] = [
  { head: "JOB", cell: ({ jobId }) => jobId },
  { head: "ACTION", cell: ({ action }) => action },
  { head: "STATUS", cell: ({ status }) => status, style: ({ status }) => statusStyle(status) },
  { head: "DONE", cell: ({ progress }) => String(progress.done) },
  { head: "LEFT", cell: ({ progress }) => String(progress.left) },
  { head: "CREATED", cell: ({ createdAt }) => createdAt.replace(/\.\d+Z$/, "Z") },
  { head: "WHY", cell: ({ why }) => why, isFlexible: true },
];

const list = (io: Io): Command =>
  new Command("list")
    .summary("list jobs, the newest first")
    .description("Lists your jobs, the newest first.")
    .option("--limit <n>", `how many at most (${jobsDefault})`)
    .action((_options: object, command: Command) =>
      withClient(io, command, async ({ client, stoppable }) => {
        const shape = z.object({ limit: countOption(1, 1e9).default(jobsDefault) });
        const { limit } = parseOptions(command, shape);
        const isJson = commonOf(command).json;
        const count = await showList(io, isJson, client.jobs.list(stoppable), columns, limit);
        if (count === 0 && !isJson) io.err("There is no job.");
      }),
    );

type GetOptions = { readonly wait?: boolean; readonly counts?: boolean };

const get = (io: Io): Command =>
  new Command("get")
    .summary("show a job")
    .description("Shows how far a job is, and why.")
    .argument("<jobId>", "the id of the job")
    .option("--wait", "wait until it has ended, and show its progress")
    .addOption(
      new Option("--counts", "count its messages by their present status").conflicts("wait"),
    )
    .action((jobId: string, { wait, counts }: GetOptions, command: Command) =>
      withClient(io, command, async (given) => {
        const job = await given.client.jobs.get(jobId, given.stoppable);
        const isJson = commonOf(command).json;
        if (counts) {
          const counted = await given.client.jobs.counts(jobId, given.stoppable);
          return show(io, isJson, { ...job, counts: counted }, [
            ...jobLines(job),
            ...countLines(counted),
          ]);
        }
        if (!wait) return show(io, isJson, job, jobLines(job));
        return followJob(io, given, job, { isJson, pausesOnStop: false });
      }),
    );

const change = (io: Io, verb: "pause" | "resume" | "cancel", about: string): Command =>
  new Command(verb)
    .summary(`${verb} a job`)
    .description(about)
    .argument("<jobId>", "the id of the job")
    .action((jobId: string, _options: object, command: Command) =>
      withClient(io, command, async ({ client, stoppable }) => {
        const job = await client.jobs[verb](jobId, stoppable);
        show(io, commonOf(command).json, job, jobLines(job));
      }),
    );

export const jobs = (io: Io): Command =>
  new Command("jobs")
    .summary("list, show, pause, resume and cancel jobs")
    .description(
      "A job replays or cancels every message that matches. It goes on without the command.",
    )
    .addCommand(list(io))
    .addCommand(get(io))
    .addCommand(change(io, "pause", "Pauses a job. What is scheduled already is still sent."))
    .addCommand(
      change(io, "resume", "Resumes a job that was paused, or that its canaries stopped."),
    )
    .addCommand(change(io, "cancel", "Ends a job. What it did before stays."))
    .addHelpText(
      "after",
      examples(
        "postrider jobs list",
        "postrider jobs get 01J… --wait",
        "postrider jobs get 01J… --counts",
      ),
    );

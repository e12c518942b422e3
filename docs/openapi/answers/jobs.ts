import * as z from "zod";
import { jobActions, jobStatuses, jobVerbs } from "../../../domain/job.ts";
import { failReasons, type Status, statuses } from "../../../domain/message.ts";
import { at, count } from "./members.ts";

const by = z
  .strictObject({
    keyId: z.string().optional().meta({ description: "The beginning of the key's SHA-256." }),
    address: z
      .string()
      .optional()
      .meta({ description: "The address that the request came from, if it is known." }),
  })
  .meta({ description: "The holder of a key." });

const filter = z
  .strictObject({
    status: z.enum([...statuses, "unfinished"]).optional(),
    reason: z.enum(failReasons).optional(),
    from: at("The first moment that is meant.").optional(),
    to: at("The first moment that is not meant any more.").optional(),
    target: z.string().optional().meta({ description: "A host, or a whole `targetUrl`." }),
  })
  .meta({ description: "Which messages." });

const counted = {
  count: count("How many messages, or at least how many."),
  isExact: z.boolean().meta({ description: "Whether it is exactly so many." }),
  writeUnits: z.number().min(0).meta({ description: "About how many write units it takes." }),
  seconds: count("How long it takes at the rate."),
};

/** The answer to `planOnly`. */
export const planned = z
  .strictObject({
    plan: z
      .strictObject({
        ...counted,
        groups: z
          .array(
            z.strictObject({
              key: z.string().meta({ description: "The host of the targets." }),
              count: z.int().min(1).meta({ description: "How many of the messages." }),
            }),
          )
          .meta({ description: "The hosts with the most messages, at most twenty." }),
        plannedAt: at("When it was planned."),
        token: z.string().meta({ description: "Makes a job of it, within 15 minutes: `plan`." }),
      })
      .meta({ description: "What the job would do." }),
  })
  .meta({ id: "Planned", description: "A plan. Nothing is done." });

/** A job as its sender sees it. */
export const job = z
  .strictObject({
    jobId: z.string().meta({ description: "Its id." }),
    action: z.enum(jobActions).meta({ description: "What it does." }),
    filter,
    status: z.enum(jobStatuses).meta({
      description: "STOPPED: too many of its first messages failed again.",
    }),
    why: z.string().meta({ description: "Where it is and why, for a person." }),
    canDo: z.array(z.enum(jobVerbs)).meta({ description: "What its state allows." }),
    plan: z.strictObject(counted).meta({ description: "What was planned." }),
    progress: z
      .strictObject({
        done: count("Messages that were acted on."),
        failed: count("Messages for which that was not possible any more."),
        left: count("Messages that are left, at least."),
        scheduled: count("Replayed messages that begin within the next minute, at the rate."),
      })
      .meta({ description: "How far it is." }),
    ratePerSecond: z.int().min(1).meta({ description: "How many begin in a second." }),
    canary: z
      .union([
        z.literal(false),
        z.strictObject({
          failShareMax: z
            .number()
            .meta({ description: "It stops if more than this share of the first fails again." }),
        }),
      ])
      .optional()
      .meta({ description: "Of a replay: whether it begins with a few, and when it stops then." }),
    attempts: count("How many attempts each replay gets, if that was asked for.").optional(),
    by,
    createdAt: at("When it was made."),
    updatedAt: at("When it last changed."),
    endedAt: at("When it ended.").optional(),
    changes: z
      .array(
        z.strictObject({
          verb: z.enum(jobVerbs).meta({ description: "What was done." }),
          at: at("When."),
          by,
        }),
      )
      .meta({ description: "What persons did with it, the latest twenty." }),
  })
  .meta({ id: "Job", description: "One action on every message that matches a filter." });

/** The answer that makes a job. */
export const createdJob = job
  .extend({
    duplicate: z.boolean().meta({ description: "There was a job of this plan already." }),
  })
  .meta({ id: "CreatedJob", description: "A job, and whether it was there already." });

const perStatus = Object.fromEntries(
  statuses.map((status) => [status, count(`Messages that are ${status}.`)]),
) as Record<Status, ReturnType<typeof count>>;

/** What messages of a job are now. */
export const jobCount = z
  .strictObject({
    counted: count("How many messages were counted, at most a thousand."),
    byStatus: z.strictObject(perStatus).meta({ description: "How many are in each state." }),
    expired: count("Those that are not stored any more."),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: "Counts the next ones. Only null means the end." }),
  })
  .meta({ id: "JobCount", description: "What messages of a job are now." });

/** A page of a list of jobs. */
export const jobPage = z
  .strictObject({
    items: z.array(job).meta({ description: "The jobs, the newest first." }),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: "The cursor of the next page. Only null means the end." }),
  })
  .meta({ id: "JobPage", description: "A page of a list of jobs." });

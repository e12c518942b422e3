import { createdJob, job as jobAnswer, jobCount, jobPage, planned } from "../answers/jobs.ts";
import { exampleKeyId, type Operations } from "../operation.ts";
import { cursorQuery, empty, job, pageQuery } from "../requests.ts";

const path = { jobId: "0mm7p6yo0-token-1" };
const answers = { 200: { description: "The job as it then is.", schema: jobAnswer } };
const problems = ["INVALID_STATE"] as const;

/** One action on every message that matches a filter. */
export const jobOperations = {
  "POST /v1/jobs": {
    ...{ operationId: "createJob", tag: "Jobs", scope: "messages:write" },
    summary: "Plan or make a job",
    description:
      "Replays or cancels every message that matches a filter. With `planOnly` it says how many, and what that takes. Send the same with the token of the plan to make the job: of one plan there is one, so that request may be repeated. Without a plan a repeat makes another job.",
    body: job,
    answers: {
      200: { description: "A plan, with `planOnly`. Nothing is done.", schema: planned },
      202: { description: "The job, which begins within a minute.", schema: createdJob },
    },
    problems: ["JOB_CONFLICT", "PLAN_EXPIRED"],
    example: {
      status: 202,
      body: { action: "replay", filter: { target: "api.example.com" }, ratePerSecond: 10 },
    },
  },
  "GET /v1/jobs": {
    ...{ operationId: "listJobs", tag: "Jobs", scope: "messages:read" },
    summary: "List jobs",
    description: "Lists your jobs page by page, the newest first.",
    query: pageQuery,
    answers: { 200: { description: "A page of the list.", schema: jobPage } },
    example: { status: 200, query: { limit: 10 }, after: ["POST /v1/jobs"] },
  },
  "GET /v1/jobs/{jobId}": {
    ...{ operationId: "getJob", tag: "Jobs", scope: "messages:read" },
    summary: "Read a job",
    description: "Says where a job is, and why.",
    answers,
    example: {
      ...{ status: 200, path, after: ["POST /v1/jobs"] },
      answer: {
        ...{ jobId: "0mm7p6yo0-token-1", action: "replay", filter: { target: "api.example.com" } },
        ...{ status: "RUNNING", canDo: ["pause", "cancel"] },
        why: "It begins with the next run of the dispatcher, within a minute.",
        plan: { count: 0, isExact: true, writeUnits: 0, seconds: 0 },
        progress: { done: 0, failed: 0, left: 0, scheduled: 0 },
        ...{
          ratePerSecond: 10,
          canary: { failShareMax: 0.5 },
          by: { keyId: exampleKeyId },
          changes: [],
        },
        createdAt: "2026-03-01T12:00:00.000Z",
        updatedAt: "2026-03-01T12:00:00.000Z",
      },
    },
  },
  "GET /v1/jobs/{jobId}/counts": {
    ...{ operationId: "countJob", tag: "Jobs", scope: "messages:read" },
    summary: "Count what came of a job",
    description:
      "Counts the messages that a job has acted on by what they are now, a thousand at a time. Add up the pages for all of them.",
    query: cursorQuery,
    answers: { 200: { description: "So many messages of the job.", schema: jobCount } },
    example: { status: 200, path, after: ["POST /v1/jobs"] },
  },
  "POST /v1/jobs/{jobId}/pause": {
    ...{ operationId: "pauseJob", tag: "Jobs", scope: "messages:write" },
    summary: "Pause a job",
    description:
      "Begins no other message until it is resumed. Messages that it has scheduled, those of the next minute, begin in their time.",
    ...{ body: empty, isBodyOptional: true, answers, problems },
    example: { status: 200, path, after: ["POST /v1/jobs"] },
  },
  "POST /v1/jobs/{jobId}/resume": {
    ...{ operationId: "resumeJob", tag: "Jobs", scope: "messages:write" },
    summary: "Resume a job",
    description: "Lets a PAUSED or STOPPED job go on.",
    ...{ body: empty, isBodyOptional: true, answers, problems },
    example: { status: 200, path, after: ["POST /v1/jobs", "POST /v1/jobs/{jobId}/pause"] },
  },
  "POST /v1/jobs/{jobId}/cancel": {
    ...{ operationId: "cancelJob", tag: "Jobs", scope: "messages:write" },
    summary: "Cancel a job",
    description:
      "Ends a job. What it has done is not undone, and messages that it has scheduled, those of the next minute, begin in their time.",
    ...{ body: empty, isBodyOptional: true, answers, problems },
    example: { status: 200, path, after: ["POST /v1/jobs"] },
  },
} as const satisfies Operations;

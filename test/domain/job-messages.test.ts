/** Which messages a job acts on, as they are when their turn comes. */
import { describe, expect, test } from "@jest/globals";
import type { Job } from "../../domain/job.ts";
import { isForJob } from "../../domain/job-messages.ts";
import type { Message } from "../../domain/message.ts";
import { aMessage, secondMs, t0 } from "../support/messages.ts";

const plannedAt = t0 + 60 * secondMs;
type Asked = Pick<Job, "action" | "filter" | "before">;

const replay: Asked = { action: "replay", filter: {}, before: plannedAt };
const cancel: Asked = { action: "cancel", filter: {}, before: plannedAt };
const failed: Partial<Message> = { status: "FAILED", failedAt: plannedAt - 1 };
const leaseUntil = plannedAt + secondMs;

describe("A replay job acts on a message", () => {
  test.each<[string, Asked, Partial<Message>]>([
    ["that FAILED before the plan", replay, failed],
    [
      "that was cancelled before the plan, if its filter says so",
      { ...replay, filter: { status: "CANCELLED" } },
      { status: "CANCELLED", cancelledAt: plannedAt - 1 },
    ],
  ])("%s", (_, job, fields) => {
    expect(isForJob(job, aMessage(fields))).toBe(true);
  });
});

describe("A replay job leaves a message alone", () => {
  test.each<[string, Asked, Partial<Message>]>([
    ["that FAILED after the plan", replay, { ...failed, failedAt: plannedAt }],
    [
      "that was cancelled after the plan",
      { ...replay, filter: { status: "CANCELLED" } },
      { status: "CANCELLED", cancelledAt: plannedAt },
    ],
    ["that has been replayed since", replay, { status: "PENDING" }],
    ["that was delivered since", replay, { status: "COMPLETED", completedAt: plannedAt - 1 }],
    ["that was erased", replay, { ...failed, erasedAt: plannedAt }],
  ])("%s", (_, job, fields) => {
    expect(isForJob(job, aMessage(fields))).toBe(false);
  });
});

describe("A cancel job acts on a message", () => {
  test.each<[string, Partial<Message>]>([
    ["that waits", { status: "QUEUED" }],
    ["whose attempt is being made", { status: "PROCESSING", leaseUntil }],
  ])("%s", (_, fields) => {
    expect(isForJob(cancel, aMessage(fields))).toBe(true);
  });
});

describe("A cancel job leaves a message alone", () => {
  test.each<[string, Asked, Partial<Message>]>([
    ["that has ended", cancel, failed],
    [
      "of another status than the filter's",
      { ...cancel, filter: { status: "PENDING" } },
      { status: "QUEUED" },
    ],
    ["that took the id of an expired one after the plan", cancel, { createdAt: plannedAt }],
    [
      "that is to be cancelled already",
      cancel,
      { status: "PROCESSING", leaseUntil, cancelRequestedAt: t0 },
    ],
    ["in quarantine, which waits for an operator", cancel, { quarantinedAt: t0 }],
  ])("%s", (_, job, fields) => {
    expect(isForJob(job, aMessage(fields))).toBe(false);
  });
});

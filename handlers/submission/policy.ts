import type { Policy } from "../../domain/submission.ts";
import type { SenderDefaults } from "../../entities/sender.ts";

/** Returns the defaults of a sender's messages: its own, over those of the service. */
export const policyFor = (sender: SenderDefaults, policy: Policy): Policy => ({
  scheduleMs: sender.scheduleMs ?? policy.scheduleMs,
  isScheduleOwn: sender.scheduleMs !== undefined,
  maxAttempts: sender.maxAttempts,
  timeoutMs: sender.timeoutMs,
  retentionDays: sender.retentionDays ?? policy.retentionDays,
});

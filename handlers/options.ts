import type { LambdaSettings, LocalSettings } from "../adapters/settings.ts";
import type { Options } from "./compose.ts";

/** The settings that every edition has, in the words of the handlers. */
export const optionsOf = (settings: LambdaSettings | LocalSettings): Options => ({
  leaseMs: settings.POSTRIDER_LEASE_MS,
  clockMarginMs: settings.POSTRIDER_CLOCK_MARGIN_MS,
  graceMs: settings.POSTRIDER_GRACE_MS,
  timeoutMs: settings.POSTRIDER_TIMEOUT_MS,
  scheduleMs: settings.POSTRIDER_RETRY_SCHEDULE,
  retentionDays: settings.POSTRIDER_RETENTION_DAYS,
  shards: settings.POSTRIDER_SHARDS,
  target: {
    allowed: settings.POSTRIDER_ALLOW_TARGETS,
    http: settings.POSTRIDER_ALLOW_HTTP,
  },
});

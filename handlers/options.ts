import type { FunctionName, FunctionSettings, LocalSettings } from "../adapters/settings.ts";
import type { Options } from "./compose.ts";

/** The settings of a function that every edition has. */
type Tuned<Name extends FunctionName> = Pick<
  LocalSettings,
  keyof FunctionSettings<Name> & keyof LocalSettings
>;

const targetOf = (settings: Tuned<"api"> | Tuned<"worker">): Options["target"] => ({
  allowed: settings.POSTRIDER_ALLOW_TARGETS,
  http: settings.POSTRIDER_ALLOW_HTTP,
});

/** What the API is told, in the words of the handlers. */
export const apiOptionsOf = (settings: Tuned<"api">) => ({
  graceMs: settings.POSTRIDER_GRACE_MS,
  scheduleMs: settings.POSTRIDER_RETRY_SCHEDULE,
  retentionDays: settings.POSTRIDER_RETENTION_DAYS,
  shards: settings.POSTRIDER_SHARDS,
  target: targetOf(settings),
});

/** What the worker is told. */
export const workerOptionsOf = (settings: Tuned<"worker">) => ({
  leaseMs: settings.POSTRIDER_LEASE_MS,
  clockMarginMs: settings.POSTRIDER_CLOCK_MARGIN_MS,
  graceMs: settings.POSTRIDER_GRACE_MS,
  timeoutMs: settings.POSTRIDER_TIMEOUT_MS,
  scheduleMs: settings.POSTRIDER_RETRY_SCHEDULE,
  target: targetOf(settings),
});

/** What the dispatcher is told. */
export const dispatcherOptionsOf = (settings: Tuned<"dispatcher">) => ({
  clockMarginMs: settings.POSTRIDER_CLOCK_MARGIN_MS,
  graceMs: settings.POSTRIDER_GRACE_MS,
  scheduleMs: settings.POSTRIDER_RETRY_SCHEDULE,
  shards: settings.POSTRIDER_SHARDS,
});

/** What all of them are told, where they run side by side in one process. */
export const optionsOf = (settings: LocalSettings): Options => ({
  ...apiOptionsOf(settings),
  ...workerOptionsOf(settings),
  ...dispatcherOptionsOf(settings),
});

import * as z from "zod";
import { scopes } from "../../domain/api-key.ts";
import type { SenderDefaults } from "../../entities/sender.ts";
import { shape } from "../submission/json-shape.ts";
import { retentionDays, retry, timeoutMs } from "../submission/members.ts";

/** The defaults of a sender, as a message has them. */
export const defaults = z.strictObject({
  retry: retry.optional(),
  timeoutMs: timeoutMs.optional(),
  retentionDays: retentionDays.optional(),
});

const scopeNames: string[] = [...scopes];
/** What a key of a sender may do. */
export const scopeList = z
  .array(z.unknown())
  .min(1)
  .max(scopes.length)
  .pipe(z.array(z.enum(scopes)))
  .refine((list) => new Set(list).size === list.length, "must not name a scope twice")
  .transform((list) => scopes.filter((scope) => list.includes(scope)))
  .meta(shape({ uniqueItems: true, items: { type: "string", enum: scopeNames } }));

/** Returns defaults as they are stored. */
export const defaultsOf = (given: z.infer<typeof defaults> = {}): SenderDefaults => ({
  scheduleMs: given.retry?.schedule,
  maxAttempts: given.retry?.maxAttempts,
  timeoutMs: given.timeoutMs,
  retentionDays: given.retentionDays,
});

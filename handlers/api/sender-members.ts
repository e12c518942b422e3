import * as z from "zod";
import { labelPattern, scopes } from "../../domain/api-key.ts";
import { formatDuration, parseDuration } from "../../domain/duration.ts";
import { limits } from "../../domain/limits.ts";
import { parseSecret } from "../../domain/signature.ts";
import type { DefaultsChange } from "../../entities/sender.ts";
import type { KeyAsked } from "../senders/keys.ts";
import { defaults, scopeList } from "../senders/members.ts";
import {
  maxAttempts,
  moment,
  retentionDays,
  schedule,
  senderId,
  timeoutMs,
} from "../submission/members.ts";

/** Null removes a default. */
export const defaultsChange = z.strictObject({
  retry: z
    .strictObject({
      maxAttempts: maxAttempts.nullable().optional(),
      schedule: schedule.nullable().optional(),
    })
    .nullable()
    .optional(),
  timeoutMs: timeoutMs.nullable().optional(),
  retentionDays: retentionDays.nullable().optional(),
});

const signingSecret = z
  .string()
  .refine(
    (text) => parseSecret(text) !== undefined,
    "must be whsec_ and the base64 of 24 to 64 bytes (Standard Webhooks)",
  );

const key = (now: number) =>
  z.strictObject({
    label: z
      .string()
      .min(1)
      .max(limits.labelCharsMax)
      .regex(labelPattern, "must be one line of text"),
    scopes: scopeList.optional(),
    expiresAt: moment
      .refine((at) => at.getTime() > now, { error: "must be in the future" })
      .optional(),
  });

const overlap = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms <= limits.overlapMsMax) return ms;
  const message = `must be a duration such as 24h or 7d, at most ${formatDuration(limits.overlapMsMax)}; 0s for none`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** What each request about a sender may have in its body. */
export const senderBodies = {
  create: (now: number) =>
    z.strictObject({
      senderId,
      defaults: defaults.optional(),
      key: key(now).optional(),
      signingSecret: signingSecret.optional(),
    }),
  change: z.strictObject({ defaults: defaultsChange }),
  key,
  rotation: z.strictObject({
    overlap: overlap.optional(),
    signingSecret: signingSecret.optional(),
  }),
};

/** Returns a change of defaults as it is stored. To remove `retry` removes both of its members. */
export const changeOf = (given: z.infer<typeof defaultsChange>): DefaultsChange => ({
  scheduleMs: given.retry === null ? null : given.retry?.schedule,
  maxAttempts: given.retry === null ? null : given.retry?.maxAttempts,
  timeoutMs: given.timeoutMs,
  retentionDays: given.retentionDays,
});

/** Returns what is asked of a key: all that a sender may do, unless the request says less. */
export const keyOf = (given: z.infer<ReturnType<typeof key>>): KeyAsked => ({
  label: given.label,
  scopes: given.scopes ?? scopes,
  expiresAt: given.expiresAt?.getTime(),
});

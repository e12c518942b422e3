import * as z from "zod";
import { parseDuration } from "../../domain/duration.ts";
import { headerFaults } from "../../domain/header-rules.ts";
import { messageIdPattern, senderIdPattern } from "../../domain/ids.ts";
import { limits } from "../../domain/limits.ts";
import { redactable } from "../../domain/redact.ts";
import { methods } from "../../domain/request.ts";
import { type TargetPolicy, targetUrlFaults } from "../../domain/target-url.ts";
import { parseTime, timeFault } from "../../domain/time.ts";
import { base64Fault } from "./base64.ts";
import { shape } from "./json-shape.ts";

const idShape = shape({ minLength: 1, maxLength: limits.idCharsMax });
const timeShape = shape({ format: "date-time" });
const waitShape = { type: "string", pattern: "^\\s*[0-9]{1,9}(ms|s|m|h|d)\\s*$" } as const;

export const senderId = z
  .string()
  .regex(
    senderIdPattern,
    `must be 1 to ${limits.idCharsMax} of A-Z a-z 0-9 _ . : - (and not . or ..)`,
  )
  .meta(idShape);

const messageId = z
  .string()
  .regex(
    messageIdPattern,
    `must be 1 to ${limits.idCharsMax} characters of printable ASCII without spaces (and not . or ..)`,
  )
  .meta(idShape);

/** A missing member is reported as missing, not as one of a wrong type. */
const requiredFault = ({ input }: { readonly input?: unknown }): string | undefined =>
  input === undefined ? "is required" : undefined;

/** The length first: a fraction of a second may have any number of digits. */
const timeText = z
  .string({
    error: (issue) =>
      issue.code === "invalid_type" ? (requiredFault(issue) ?? timeFault) : undefined,
  })
  .max(limits.timeCharsMax, { abort: true });

const time = timeText
  .superRefine((text, context) => {
    const parsed = parseTime(text);
    if ("fault" in parsed) context.addIssue({ code: "custom", message: parsed.fault });
  })
  .meta(timeShape);

/** A Date, so that rules between members can tell a parsed time from a number that was sent. */
export const moment = timeText
  .transform((text, context) => {
    const parsed = parseTime(text);
    if ("ms" in parsed) return new Date(parsed.ms);
    context.addIssue({ code: "custom", message: parsed.fault });
    return z.NEVER;
  })
  .meta(timeShape);

const whole = "must be a whole number";
export const wholeNumber = (min: number, max: number) =>
  z
    .number({ error: ({ code }) => (code === "invalid_type" ? whole : undefined) })
    .refine(Number.isInteger, { error: whole, abort: true })
    .min(min)
    .max(max)
    .meta(shape({ type: "integer" }));

const wait = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms <= limits.waitMsMax) return ms;
  context.addIssue({
    code: "custom",
    message: "must be a duration such as 30s, 2m or 6h, at most 24h",
  });
  return z.NEVER;
});

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const headers = z
  .custom<Record<string, string>>(isObject, "must be an object of header names and values")
  .superRefine((given, context) => {
    if (!isObject(given)) return;
    for (const { name, message } of headerFaults(given))
      context.addIssue({ code: "custom", path: [name], message });
  })
  .meta(
    shape({
      type: "object",
      maxProperties: limits.headersCountMax,
      additionalProperties: { type: "string" },
    }),
  );

const targetUrl = (policy: TargetPolicy) =>
  z
    .string()
    .superRefine((text, context) => {
      for (const message of targetUrlFaults(text, policy))
        context.addIssue({ code: "custom", message });
    })
    .meta(shape({ maxLength: limits.targetUrlCharsMax }));

/**
 * Any other JSON value is sent as its source text, where an escape may name an unpaired surrogate.
 */
const body = z.unknown().refine((value) => typeof value !== "string" || value.isWellFormed(), {
  error: "contains an unpaired surrogate, which UTF-8 cannot encode",
});

const bodyBase64 = z
  .string()
  .superRefine((text, context) => {
    const message = base64Fault(text);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  })
  .meta(shape({ contentEncoding: "base64" }));

export const maxAttempts = wholeNumber(1, limits.attemptsMax);
// There is one attempt more than there are waits.
// The length first: each entry of an array that is too long could be one more issue.
export const schedule = z
  .array(z.unknown())
  .min(1)
  .max(limits.attemptsMax - 1)
  .pipe(z.array(wait))
  .meta(shape({ items: waitShape }));
export const timeoutMs = wholeNumber(limits.timeoutMsMin, limits.timeoutMsMax);
export const retentionDays = wholeNumber(1, limits.retentionDaysMax);

export const retry = z.strictObject({
  maxAttempts: maxAttempts.optional(),
  schedule: schedule.optional(),
});

const partNames: string[] = [...redactable];
/** Checks the length first, as for a schedule. Not by `max`, which also applies to a string. */
const redact = z
  .array(z.unknown())
  .refine(({ length }) => length <= redactable.length, {
    error: `must have at most ${redactable.length} entries`,
    abort: true,
  })
  .pipe(z.array(z.enum(redactable)))
  .superRefine((parts, context) => {
    for (const [index, part] of parts.entries())
      if (parts.indexOf(part) < index)
        context.addIssue({ code: "custom", path: [index], message: "is given more than once" });
  })
  .meta(
    shape({
      ...{ maxItems: redactable.length, uniqueItems: true },
      items: { type: "string", enum: partNames },
    }),
  );

/** Returns the schema of the members of `POST /v1/messages`, each judged by itself. */
export const submissionMembers = (policy: TargetPolicy) =>
  z.strictObject({
    messageId,
    senderId,
    timestamp: time,
    targetUrl: targetUrl(policy),
    method: z.enum(methods).optional(),
    headers: headers.optional(),
    body: body.optional(),
    bodyBase64: bodyBase64.optional(),
    deliverAt: moment.optional(),
    giveUpAt: moment.optional(),
    retry: retry.optional(),
    timeoutMs: timeoutMs.optional(),
    retentionDays: retentionDays.optional(),
    redact: redact.optional(),
  });
export type SubmissionMembers = z.infer<ReturnType<typeof submissionMembers>>;

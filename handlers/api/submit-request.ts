import * as z from "zod";
import { inWords } from "../../adapters/in-words.ts";
import { parseDuration } from "../../domain/duration.ts";
import { headerFaults } from "../../domain/header-rules.ts";
import { isSenderId, messageIdPattern, senderIdPattern } from "../../domain/ids.ts";
import { limits } from "../../domain/limits.ts";
import { type Issue, Problem } from "../../domain/problem.ts";
import { methods } from "../../domain/request.ts";
import type { Submission } from "../../domain/submission.ts";
import { type TargetPolicy, targetUrlFaults } from "../../domain/target-url.ts";
import { parseTime, timeFault } from "../../domain/time.ts";
import { base64Fault } from "./base64.ts";
import { invalid, issuesOf } from "./issues.ts";
import type { JsonText } from "./read-json.ts";
import { type Written, writtenIn } from "./written.ts";

const senderId = z
  .string()
  .regex(
    senderIdPattern,
    `must be 1 to ${limits.idCharsMax} of A-Z a-z 0-9 _ . : - (and not . or ..)`,
  );

const messageId = z
  .string()
  .regex(
    messageIdPattern,
    `must be 1 to ${limits.idCharsMax} characters of printable ASCII without spaces (and not . or ..)`,
  );

/** What is not there is not of a wrong type. */
const requiredFault = ({ input }: { readonly input?: unknown }): string | undefined =>
  input === undefined ? "is required" : undefined;

/** The length first: a fraction of a second may have any number of digits. */
const timeText = z
  .string({
    error: (issue) =>
      issue.code === "invalid_type" ? (requiredFault(issue) ?? timeFault) : undefined,
  })
  .max(limits.timeCharsMax, { abort: true });

const time = timeText.superRefine((text, context) => {
  const parsed = parseTime(text);
  if ("fault" in parsed) context.addIssue({ code: "custom", message: parsed.fault });
});

const moment = timeText.transform((text, context) => {
  const parsed = parseTime(text);
  if ("ms" in parsed) return parsed.ms;
  context.addIssue({ code: "custom", message: parsed.fault });
  return z.NEVER;
});

const whole = "must be a whole number";
const wholeNumber = (min: number, max: number) =>
  z
    .number({ error: ({ code }) => (code === "invalid_type" ? whole : undefined) })
    .refine(Number.isInteger, { error: whole, abort: true })
    .min(min)
    .max(max);

const wait = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms <= limits.waitMsMax) return ms;
  context.addIssue({
    code: "custom",
    message: "must be a duration such as 30s, 2m or 6h, at most 24h",
  });
  return z.NEVER;
});

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An object of these members and no others. */
const members = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.custom<Record<string, unknown>>(isObject, "must be an object").pipe(z.strictObject(shape));

const headers = z
  .custom<Record<string, string>>(isObject, "must be an object of header names and values")
  .superRefine((given, context) => {
    if (!isObject(given)) return;
    for (const { name, message } of headerFaults(given))
      context.addIssue({ code: "custom", path: [name], message });
  });

const targetUrl = (policy: TargetPolicy) =>
  z.string().superRefine((text, context) => {
    for (const message of targetUrlFaults(text, policy))
      context.addIssue({ code: "custom", message });
  });

/** A value of another kind goes out as it is written, where an escape may name half a pair. */
const body = z.unknown().refine((value) => typeof value !== "string" || value.isWellFormed(), {
  error: "has half of a surrogate pair, which UTF-8 cannot carry",
});

const bodyBase64 = z.string().superRefine((text, context) => {
  const message = base64Fault(text);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

const retry = members({
  maxAttempts: wholeNumber(1, limits.attemptsMax).optional(),
  // There is one attempt more than there are waits.
  // The length first: each entry of an array that is too long could be one more issue.
  schedule: z
    .array(z.unknown())
    .min(1)
    .max(limits.attemptsMax - 1)
    .pipe(z.array(wait))
    .optional(),
});

/** What may be in the body of `POST /v1/messages`. */
const request = (policy: TargetPolicy) =>
  members({
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
    timeoutMs: wholeNumber(limits.timeoutMsMin, limits.timeoutMsMax).optional(),
    retentionDays: wholeNumber(1, limits.retentionDaysMax).optional(),
  });
type Request = z.infer<ReturnType<typeof request>>;

const momentOf = (value: unknown): number => {
  if (typeof value !== "string" || value.length > limits.timeCharsMax) return Number.NaN;
  const parsed = parseTime(value);
  return "ms" in parsed ? parsed.ms : Number.NaN;
};

/** What is wrong between members; asked also where members themselves are wrong. */
const faultsBetween = (raw: Record<string, unknown>, now: number): readonly Issue[] => {
  const deliverAt = momentOf(raw["deliverAt"]);
  const giveUpAt = momentOf(raw["giveUpAt"]);
  const firstAt = Math.max(Number.isNaN(deliverAt) ? now : deliverAt, now);
  const hasBody = raw["body"] !== undefined || raw["bodyBase64"] !== undefined;
  const faults: readonly (readonly [boolean, string, string])[] = [
    [
      raw["body"] !== undefined && raw["bodyBase64"] !== undefined,
      "bodyBase64",
      "cannot be given together with body",
    ],
    [raw["method"] === "GET" && hasBody, "method", "is GET, which has no body"],
    [deliverAt > now + limits.deliverAheadMsMax, "deliverAt", "must be at most 30 days ahead"],
    [giveUpAt <= deliverAt, "giveUpAt", "must be later than the first attempt"],
    [
      giveUpAt > firstAt + limits.giveUpAfterMsMax,
      "giveUpAt",
      "must be at most 14 days after the first attempt",
    ],
  ];
  return faults
    .filter(([isFault]) => isFault)
    .map(([, member, message]) => ({ path: [member], message }));
};

/**
 * What is wrong with a new message whose last moment has passed. A repeat of one that was submitted
 * in time is fine, so this counts by itself only where there is no such message.
 */
export const pastGiveUpAt: Issue = {
  path: ["giveUpAt"],
  message: "must be later than the first attempt",
};

const isPast = (raw: unknown, now: number): boolean =>
  isObject(raw) && momentOf(raw["giveUpAt"]) <= now;

const bodyOf = (
  given: Request,
  written: string | undefined,
): Pick<Submission, "body" | "bodyType"> => {
  if (given.bodyBase64 !== undefined)
    return { body: Buffer.from(given.bodyBase64, "base64"), bodyType: "bytes" };
  if (written === undefined) return {};
  return typeof given.body === "string"
    ? { body: Buffer.from(given.body), bodyType: "text" }
    : { body: Buffer.from(written), bodyType: "json" };
};

const submissionOf = (given: Request, written: string | undefined): Submission => {
  const { body: _, bodyBase64: __, retry: policy, ...rest } = given;
  const { body, bodyType } = bodyOf(given, written);
  if (body && body.byteLength > limits.bodyBytesMax)
    throw new Problem(
      "PAYLOAD_TOO_LARGE",
      `The body has ${body.byteLength} bytes as it would be sent; at most ${limits.bodyBytesMax} are allowed.`,
    );
  return {
    ...rest,
    body,
    bodyType,
    maxAttempts: policy?.maxAttempts,
    scheduleMs: policy?.schedule,
  };
};

/**
 * What a sender asks for, from the JSON of its request. A body that is a JSON value is the text that
 * stands there, to the byte: senders sign it, and no number is too long for a text. Throws a
 * VALIDATION_ERROR that lists every fault with its path (of very many, the first hundred), FORBIDDEN
 * where the message would be another sender's, and PAYLOAD_TOO_LARGE with the limit. That `giveUpAt` has passed is only listed
 * besides other faults: whether it is one depends on what is stored.
 */
export const parseSubmission = (
  { text, value: raw }: JsonText,
  context: { readonly senderId: string; readonly now: number; readonly target: TargetPolicy },
): Submission => {
  const named = isObject(raw) ? raw["senderId"] : undefined;
  if (typeof named === "string" && isSenderId(named) && named !== context.senderId)
    throw new Problem("FORBIDDEN", "This API key belongs to another sender than senderId names.");

  const parsed = request(context.target).safeParse(raw, { error: inWords });
  const written: Written = isObject(raw) ? writtenIn(text) : { faults: [] };
  const issues = [
    ...(parsed.success ? [] : issuesOf(parsed.error)),
    ...(isObject(raw) ? faultsBetween(raw, context.now) : []),
    ...written.faults,
  ];
  if (parsed.success && issues.length === 0) return submissionOf(parsed.data, written.body);
  const isListed = issues.some(({ path }) => path[0] === "giveUpAt");
  throw invalid(isPast(raw, context.now) && !isListed ? [...issues, pastGiveUpAt] : issues);
};

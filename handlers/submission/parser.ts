import { inWords } from "../../adapters/in-words.ts";
import { isSenderId } from "../../domain/ids.ts";
import { limits } from "../../domain/limits.ts";
import { type Issue, Problem } from "../../domain/problem.ts";
import { redactCode } from "../../domain/redact.ts";
import type { Submission } from "../../domain/submission.ts";
import type { TargetPolicy } from "../../domain/target-url.ts";
import { type IdempotencyKey, keyFaults, withKey } from "./idempotency-key.ts";
import { invalid, issuesOf } from "./issues.ts";
import type { JsonText } from "./json-text.ts";
import { isObject, moment, type SubmissionMembers, submissionMembers } from "./members.ts";
import { withRules } from "./rules.ts";
import { type Written, writtenIn } from "./written.ts";

/**
 * The fault of a message that is submitted for the first time when its `giveUpAt` has passed. Only
 * the store knows whether it is the first time: a repeat of a submit that was in time is accepted.
 */
export const pastGiveUpAt: Issue = {
  path: ["giveUpAt"],
  message: "must be later than the first attempt",
};

const isPast = (raw: unknown, now: number): boolean => {
  const giveUpAt = moment.safeParse(isObject(raw) ? raw["giveUpAt"] : undefined);
  return giveUpAt.success && giveUpAt.data.getTime() <= now;
};

const bodyOf = (
  given: SubmissionMembers,
  written: string | undefined,
): Pick<Submission, "body" | "bodyType"> => {
  if (given.bodyBase64 !== undefined)
    return { body: Buffer.from(given.bodyBase64, "base64"), bodyType: "bytes" };
  if (written === undefined) return {};
  return typeof given.body === "string"
    ? { body: Buffer.from(given.body), bodyType: "text" }
    : { body: Buffer.from(written), bodyType: "json" };
};

const submissionOf = (given: SubmissionMembers, written: string | undefined): Submission => {
  const { body: _, bodyBase64: __, retry: policy, deliverAt, giveUpAt, redact, ...rest } = given;
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
    ...(deliverAt && { deliverAt: deliverAt.getTime() }),
    ...(giveUpAt && { giveUpAt: giveUpAt.getTime() }),
    maxAttempts: policy?.maxAttempts,
    scheduleMs: policy?.schedule,
    redact: redactCode(redact ?? []),
  };
};

/** `senderId` is whose API key it is, `now` when the request came, `key` its Idempotency-Key. */
type ParseSubmission = (
  json: JsonText,
  facts: {
    readonly senderId: string;
    readonly now: number;
    readonly key?: IdempotencyKey | undefined;
  },
) => Submission;

/**
 * Returns a parser of the JSON of a submit. The body of a message that is a JSON value is the text
 * that stands in the request, to the byte: senders sign it.
 *
 * Throws VALIDATION_ERROR with every fault and its path (the first hundred of very many), FORBIDDEN
 * if the message would be another sender's, and PAYLOAD_TOO_LARGE. That `giveUpAt` has passed is
 * reported only together with other faults: a repeat of a message submitted in time is accepted.
 */
export const submissionParser = (target: TargetPolicy): ParseSubmission => {
  // One schema for all requests: zod compiles each at its first parse, which takes longer than a parse.
  let parsedAt = 0;
  const schema = withRules(submissionMembers(target), () => parsedAt);
  return ({ text, value }, { senderId, now, key }) => {
    const raw = withKey(value, key);
    const named = isObject(raw) ? raw["senderId"] : undefined;
    if (typeof named === "string" && isSenderId(named) && named !== senderId)
      throw new Problem("FORBIDDEN", "senderId is not the sender of this API key.");

    parsedAt = now;
    const parsed = schema.safeParse(raw, { error: inWords });
    const written: Written = isObject(raw) ? writtenIn(text) : { faults: [] };
    const issues = [
      ...(parsed.success ? [] : issuesOf(parsed.error)),
      ...keyFaults(raw, key),
      ...written.faults,
    ];
    if (parsed.success && issues.length === 0) return submissionOf(parsed.data, written.body);
    const isListed = issues.some(({ path }) => path[0] === "giveUpAt");
    throw invalid(isPast(raw, now) && !isListed ? [...issues, pastGiveUpAt] : issues);
  };
};

import * as z from "zod";
import { actions } from "../../domain/actions.ts";
import { failReasons, statuses } from "../../domain/message.ts";
import { noAnswerClasses } from "../../domain/outcome.ts";

/*
 * The answers, as `handlers/api/views.ts` makes them. The tests parse every answer that they get
 * with these schemas: a member that is not here fails them.
 */

/** A moment of ours: in UTC, to the millisecond. */
export const at = (description: string) =>
  z.iso.datetime({ precision: 3 }).meta({ description, examples: ["2026-03-01T12:00:00.000Z"] });
export const count = (description: string) => z.int().min(0).meta({ description });

export const status = z.enum(statuses).meta({
  id: "Status",
  description: "Where a message is in its life. A later version may know others.",
});
const failReason = z
  .enum(failReasons)
  .meta({ id: "FailReason", description: "Why a message FAILED." });

const outcomeClass = z
  .enum(["accepted", "status", ...noAnswerClasses, "unknown", "payload-missing", "too-late"])
  .meta({
    id: "OutcomeClass",
    description:
      "What an attempt came to: `accepted` by a 2xx, another `status`, or why there was no answer.",
  });
const httpStatus = z
  .int()
  .min(100)
  .max(999)
  .meta({ description: "The HTTP status, if the target answered." });

const lastOutcome = z
  .strictObject({
    attempt: z.int().min(1).meta({ description: "The number of the attempt." }),
    class: outcomeClass,
    status: httpStatus.optional(),
    at: at("When it ended."),
  })
  .meta({ id: "LastOutcome", description: "The latest attempt that ended." });

/** What every view of a message has. */
const summary = {
  messageId: z.string().meta({ description: "As submitted.", examples: ["order-1"] }),
  senderId: z.string().meta({ description: "As submitted.", examples: ["shop"] }),
  status,
  attempts: count("How many attempts have begun."),
  timestamp: z.string().meta({ description: "As submitted; of a repeat, as first submitted." }),
  targetUrl: z.string().meta({ description: "As submitted." }),
  createdAt: at("When it was stored."),
  expiresAt: at("When it may be removed, and its id is free again."),
};

/** Where a message is, and what may still happen to it. */
const progress = {
  attemptsAllowed: count("How many attempts it may have."),
  replays: count("How often it was replayed."),
  notBefore: at("When the next attempt may begin. Absent once it has ended.").optional(),
  giveUpAt: at("After this nothing is sent."),
  cancelRequestedAt: at("When its sender asked to cancel it during an attempt.").optional(),
  updatedAt: at("When it last changed."),
};

const ends = {
  failedAt: at("When it was last FAILED.").optional(),
  lastOutcome: lastOutcome.optional(),
  failReason: failReason.optional(),
};

/** The answer to a submit. */
export const accepted = z
  .strictObject({
    ...summary,
    duplicate: z.boolean().meta({ description: "Whether it was there before." }),
  })
  .meta({ id: "Accepted", description: "A message that was submitted." });

/** The answer to a cancel, a send-now and a replay. */
export const steered = z
  .strictObject({ ...summary, ...progress })
  .meta({ id: "SteeredMessage", description: "A message after an action." });

/** A message as its sender sees it. */
export const message = z
  .strictObject({
    ...summary,
    why: z.string().meta({ description: "Why it is where it is, for a person." }),
    ...progress,
    method: z.string().meta({ description: "As submitted, or the default.", examples: ["POST"] }),
    headers: z
      .record(z.string(), z.string())
      .meta({ description: "As submitted, with `***` for the value of each secret one." }),
    pendingAt: at("When it was last PENDING."),
    queuedAt: at("When it was last QUEUED.").optional(),
    processingAt: at("When it was last PROCESSING.").optional(),
    completedAt: at("When it was last COMPLETED.").optional(),
    cancelledAt: at("When it was last CANCELLED.").optional(),
    ...ends,
  })
  .meta({ id: "Message", description: "A message, without its body." });

/** Why a message is where it is. */
export const why = z
  .strictObject({
    why: z.string().meta({ description: "Why it is where it is, for a person." }),
    next: z.string().meta({ description: "What happens next, for a person." }),
    nextAt: at("When that is: not earlier, and mostly soon after.").optional(),
    canDo: z
      .array(z.enum(actions))
      .meta({ description: "The actions that its state allows and that would change something." }),
  })
  .meta({ id: "Why", description: "An explanation. Sentences may change; go by `status`." });

const listed = z
  .strictObject({
    ...summary,
    attemptsAllowed: progress.attemptsAllowed,
    notBefore: progress.notBefore,
    updatedAt: progress.updatedAt,
    ...ends,
  })
  .meta({ id: "ListedMessage", description: "A message in a list." });

/** A page of a list. */
export const messagePage = z
  .strictObject({
    items: z.array(listed).meta({ description: "The messages, the newest first." }),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: "The cursor of the next page. Only null means the end." }),
  })
  .meta({ id: "MessagePage", description: "A page of a list." });

const ms = (description: string) => z.number().min(0).meta({ description });

const attempt = z
  .strictObject({
    number: z.int().min(1).meta({ description: "From 1." }),
    outcome: z.enum(["delivered", "failed", "in-progress", "unknown"]).meta({
      description: "`unknown`: its worker vanished; nobody can say whether the target got it.",
    }),
    class: outcomeClass.optional(),
    status: httpStatus.optional(),
    startedAt: at("When it began; of failed attempts only.").optional(),
    durationMs: ms("How long the exchange took; of failed attempts only.").optional(),
    timings: z
      .strictObject({
        dnsMs: ms("The look-up of the name.").optional(),
        connectMs: ms("The connection.").optional(),
        tlsMs: ms("Its encryption.").optional(),
        firstByteMs: ms("From the beginning to the first byte of the answer.").optional(),
      })
      .optional()
      .meta({ description: "Its steps in milliseconds, where they were taken." }),
    responseText: z
      .string()
      .optional()
      .meta({ description: "The beginning of the answer, if it was text; of failed ones only." }),
  })
  .meta({ id: "Attempt", description: "One attempt to deliver a message." });

/** The attempts of a message. */
export const attempts = z
  .strictObject({ attempts: z.array(attempt).meta({ description: "By number." }) })
  .meta({ id: "Attempts", description: "The attempts of a message." });

const failureGroup = z
  .strictObject({
    key: z.string().meta({
      description: "The host of the target, with its port unless it is the default; or the reason.",
      examples: ["api.example.com"],
    }),
    count: z.int().min(1).meta({ description: "How many of them FAILED." }),
    since: at("When the first of those that are counted FAILED."),
    lastAt: at("When the latest of them FAILED."),
    exampleMessageId: z.string().meta({ description: "The latest of them." }),
  })
  .meta({ id: "FailureGroup", description: "Failures that have something in common." });

/** What failures have in common. */
export const failures = z
  .strictObject({
    groups: z.array(failureGroup).meta({ description: "The largest first." }),
    isComplete: z
      .boolean()
      .meta({ description: "Whether all failures are counted, and not only the latest 1,000." }),
  })
  .meta({ id: "Failures", description: "Failures in groups." });

/** The answer of the health check. */
export const health = z
  .strictObject({ status: z.literal("ok").meta({ description: "Always `ok`." }) })
  .meta({ id: "Health", description: "The process runs." });

import * as z from "zod";
import { actions } from "../../../domain/actions.ts";
import { redactable } from "../../../domain/redact.ts";
import { problemSchema } from "../problem-schema.ts";
import { at, count, failReason, httpStatus, outcomeClass, status } from "./members.ts";

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
  erasedAt: at("When its content was erased.").optional(),
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

const refused = z
  .strictObject({
    messageId: z.string().optional().meta({ description: "As given, if it is one." }),
    problem: problemSchema,
  })
  .meta({ id: "NotAccepted", description: "A message of a batch that was not accepted." });

/** The answer to a batch: of each message what it would get by itself, in the same order. */
export const batchResults = z
  .strictObject({
    results: z
      .array(z.union([accepted, refused]))
      .meta({ description: "One for each message, in their order." }),
  })
  .meta({ id: "BatchResults", description: "What came of each message of a batch." });

/** The answer to a cancel, a send-now, a replay and an erasure. */
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
    traceparent: z
      .string()
      .optional()
      .meta({
        description:
          "The trace that it is in, if it is in one (W3C Trace Context): what its attempts continue.",
        examples: ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
      }),
    redact: z
      .array(z.enum(redactable))
      .optional()
      .meta({ description: "What is redacted, if anything is." }),
    headers: z.record(z.string(), z.string()).optional().meta({
      description:
        "As submitted, with `***` for the value of each secret one, and a SHA-256 for what is redacted. An erased message has none.",
    }),
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

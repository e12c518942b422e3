import * as z from "zod";
import { jobStatuses } from "../../domain/job.ts";
import { limits } from "../../domain/limits.ts";
import { statuses } from "../../domain/message.ts";
import { documentOf, Problem, type ProblemCode, problems } from "../../domain/problem.ts";

const codes = Object.keys(problems) as ProblemCode[];

const issue = z
  .strictObject({
    path: z
      .array(z.union([z.string(), z.int()]))
      .meta({ description: "Leads to the fault from the outside in. Empty: the whole request." }),
    message: z.string().meta({ description: "What is wrong there.", examples: ["is required"] }),
  })
  .meta({ id: "Issue", description: "One fault of a request." });

/** A problem document: what every error is answered with. */
export const problemSchema = z
  .strictObject({
    type: z.string().meta({ description: "A URN of the code.", format: "uri" }),
    title: z.string().meta({ description: "What the code means, for a person." }),
    status: z.int().min(400).max(599).meta({ description: "The HTTP status." }),
    code: z.enum(codes).meta({ description: "What programs go by. It stays the same." }),
    detail: z.string().meta({ description: "What happened and what to do, for a person." }),
    messageStatus: z
      .enum(statuses)
      .optional()
      .meta({ description: "Of INVALID_STATE: the state that the message is in." }),
    jobStatus: z
      .enum(jobStatuses)
      .optional()
      .meta({ description: "Of INVALID_STATE: the state that the job is in." }),
    issues: z
      .array(issue)
      .max(limits.issuesMax)
      .optional()
      .meta({ description: "Of VALIDATION_ERROR: every fault, the first hundred of very many." }),
  })
  .meta({ id: "Problem", description: "A problem document of RFC 9457." });

type Sample = readonly [detail: string, options?: ConstructorParameters<typeof Problem>[2]];

/** An example of each problem, as the service answers it; to forget one does not compile. */
const samples: { readonly [Code in ProblemCode]: Sample } = {
  VALIDATION_ERROR: [
    "The request has 1 fault.",
    { issues: [{ path: ["timestamp"], message: "is required" }] },
  ],
  UNAUTHENTICATED: ["Send a valid API key as `Authorization: Bearer <key>`."],
  FORBIDDEN: ["This API key does not have the scope messages:write."],
  NOT_FOUND: ["There is no such message."],
  METHOD_NOT_ALLOWED: ["Only GET is possible here."],
  MESSAGE_CONFLICT: [
    "This messageId was submitted before, with other content. Nothing was changed.",
  ],
  INVALID_STATE: [
    "The message is COMPLETED. Only one that has not ended can be cancelled.",
    { messageStatus: "COMPLETED" },
  ],
  JOB_CONFLICT: [
    "There is a job of this plan already, 0mm7p6yo0-token-1, with another rate or canary. It was not changed.",
  ],
  PLAN_EXPIRED: ["The plan is more than 15 minutes old. Request a new one with planOnly."],
  SENDER_EXISTS: ["The sender shop exists already, and was not changed."],
  ROTATION_CONFLICT: ["Another rotation of this sender was faster, and this one changed nothing."],
  TOO_MANY_SECRETS: ["Already 5 secrets sign. Wait until one has ended."],
  PAYLOAD_TOO_LARGE: [
    `The body has 300000 bytes as it would be sent; at most ${limits.bodyBytesMax} are allowed.`,
  ],
  UNSUPPORTED_MEDIA_TYPE: ["Send the message as application/json, in UTF-8."],
  SYSTEM_ERROR: ["Something on our side did not answer. Repeating the same request is safe."],
};

/** Returns an example of the document of a problem. */
export const sampleOf = (code: ProblemCode) => documentOf(new Problem(code, ...samples[code]));

/** The headers that come with some problems, and what each says. */
export const problemHeaders: { readonly [Code in ProblemCode]?: Readonly<Record<string, string>> } =
  {
    UNAUTHENTICATED: { "WWW-Authenticate": "`Bearer`." },
    SYSTEM_ERROR: { "Retry-After": "After how many seconds to send the same request again." },
  };

import type { JobStatus } from "./job.ts";
import type { Status } from "./message.ts";

/** All problems of the HTTP interface, with status and title (RFC 9457). */
export const problems = {
  VALIDATION_ERROR: { status: 400, title: "The request is not valid" },
  UNAUTHENTICATED: { status: 401, title: "A valid API key is needed" },
  FORBIDDEN: { status: 403, title: "This API key may not do this" },
  NOT_FOUND: { status: 404, title: "There is nothing here" },
  METHOD_NOT_ALLOWED: { status: 405, title: "This method is not for this address" },
  MESSAGE_CONFLICT: { status: 409, title: "The message id is taken by another message" },
  SENDER_EXISTS: { status: 409, title: "There is a sender with this id already" },
  ROTATION_CONFLICT: { status: 409, title: "The signing secrets are not as expected" },
  TOO_MANY_SECRETS: { status: 409, title: "Too many signing secrets sign already" },
  INVALID_STATE: { status: 409, title: "It is not in a state for this" },
  JOB_CONFLICT: { status: 409, title: "There is another job of this plan" },
  PLAN_EXPIRED: { status: 409, title: "The plan is too old" },
  PAYLOAD_TOO_LARGE: { status: 413, title: "The request is too large" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: "The request is not JSON" },
  SYSTEM_ERROR: { status: 503, title: "Postrider cannot do this right now" },
} as const;
export type ProblemCode = keyof typeof problems;

/** One fault of a request: its path and what is wrong there. */
export type Issue = { readonly path: readonly (string | number)[]; readonly message: string };

/** A problem document (RFC 9457) with a stable `code`. */
export type ProblemDocument = {
  readonly type: string;
  readonly title: string;
  readonly status: (typeof problems)[ProblemCode]["status"];
  readonly code: ProblemCode;
  readonly detail: string;
  /** Of INVALID_STATE: the state that the message, or the job, is in. */
  readonly messageStatus?: Status;
  readonly jobStatus?: JobStatus;
  readonly issues?: readonly Issue[];
};

/** A fault of the caller, or a passing one of ours. Thrown anywhere, rendered in one place. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly issues: readonly Issue[];
  readonly messageStatus: Status | undefined;
  readonly jobStatus: JobStatus | undefined;

  constructor(
    code: ProblemCode,
    detail: string,
    options: ErrorOptions & {
      issues?: readonly Issue[];
      messageStatus?: Status;
      jobStatus?: JobStatus;
    } = {},
  ) {
    super(detail, options);
    this.name = "Problem";
    this.code = code;
    this.issues = options.issues ?? [];
    this.messageStatus = options.messageStatus;
    this.jobStatus = options.jobStatus;
  }
}

/** `Retry-After` of SYSTEM_ERROR, in seconds. */
export const retryAfterSeconds = 2;

/** Returns what the caller sees. The cause of the problem stays inside. */
export const documentOf = ({
  code,
  message,
  issues,
  messageStatus,
  jobStatus,
}: Problem): ProblemDocument => ({
  type: `urn:postrider:problem:${code.toLowerCase().replaceAll("_", "-")}`,
  ...problems[code],
  code,
  detail: message,
  ...(messageStatus && { messageStatus }),
  ...(jobStatus && { jobStatus }),
  ...(issues.length > 0 && { issues }),
});

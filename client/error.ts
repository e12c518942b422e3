import type { Issue, Status } from "./answers.ts";
import type { JobStatus } from "./job-answers.ts";

/** What a problem of Postrider says besides its code. */
export type ErrorFacts = {
  /** The HTTP status, if there was an answer. */
  readonly status?: number | undefined;
  /** Every fault of a request that is not valid. */
  readonly issues?: readonly Issue[] | undefined;
  /** Of INVALID_STATE: the state that the message is in. */
  readonly messageStatus?: Status | undefined;
  /** The same of a job. */
  readonly jobStatus?: JobStatus | undefined;
  /** How many requests were made. */
  readonly requests: number;
  readonly cause?: unknown;
};

/**
 * What a call of the client throws. `code` is that of the problem, such as `VALIDATION_ERROR`, or
 *
 * - `NO_ANSWER`: no answer came, or none in time. What was asked may have been done.
 * - `UNEXPECTED_ANSWER`: something else than Postrider answered, such as a gateway.
 */
export class PostriderError extends Error {
  override readonly name = "PostriderError";
  readonly code: string;
  readonly status: number | undefined;
  readonly issues: readonly Issue[];
  readonly messageStatus: Status | undefined;
  readonly jobStatus: JobStatus | undefined;
  readonly requests: number;

  constructor(code: string, detail: string, facts: ErrorFacts) {
    super(detail, facts.cause === undefined ? {} : { cause: facts.cause });
    this.code = code;
    this.status = facts.status;
    this.issues = facts.issues ?? [];
    this.messageStatus = facts.messageStatus;
    this.jobStatus = facts.jobStatus;
    this.requests = facts.requests;
  }
}

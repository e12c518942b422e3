import type { ManageLine } from "../../adapters/log.ts";
import type { Job } from "../../domain/job.ts";
import type { Message, MessageKey } from "../../domain/message.ts";
import type { Submission } from "../../domain/submission.ts";
import type { collectTransitions } from "../transitions.ts";
import type { Caller, Operator } from "./authenticate.ts";
import type { SubmitFacts } from "./log-submit.ts";
import type { Accepted } from "./submit.ts";

/** What a server may hand over with each request. */
export type Bindings = {
  /** Has the body read as the server sees fit, which may refuse it with a problem instead. */
  readonly whileReading?: <Result>(read: () => Promise<Result>) => Promise<Result>;
  /** The address that the request came from. */
  readonly address?: string | undefined;
  /** Lambda's, of an HTTP API or a function URL. Both say the address of the connection. */
  readonly requestContext?: { readonly http?: { readonly sourceIp?: string } };
};

/** Returns the address that a request came from. No header says it: a caller could write any. */
export const callerAddress = (env: Bindings | undefined): string | undefined =>
  env?.address ?? env?.requestContext?.http?.sourceIp;

/** What a request carries from one handler to the next, as Hono types it. */
export type ApiEnv = {
  Bindings: Bindings | undefined;
  Variables: {
    /** Who makes the request. Set by `requireScope`, which refuses everybody else. */
    caller: Caller;
    /** Who makes a request about senders. Set by `requireOperator`, which refuses everybody else. */
    operator?: Operator;
    /** What a change of a sender made or revoked, for its line. */
    managed?: Partial<Pick<ManageLine, "madeKeyId" | "revokedKeyId" | "secretId">>;
    /** The message that the request is about, as far as it is known: for the log of a failure. */
    about?: Partial<MessageKey>;
    /** The changes of state that the request makes, for its line in the log. */
    transitions: ReturnType<typeof collectTransitions>;
    /** What a submit is about and came to, for its line. */
    submission?: Submission;
    accepted?: Accepted;
    /** The job that the request made or changed, or that it only plans one, for its line. */
    job?: Job;
    isPlan?: boolean;
    /** Puts a message into the trace that its submit belongs to. Set by `traceSubmit`. */
    traced: (submission: Submission) => Submission;
    /** What the messages of a batch came to, for a line each. */
    batch?: readonly SubmitFacts[];
    /** The message after a cancel, a send-now, a replay or an erasure, for its line. */
    steered?: Message;
  };
};

import { Logger } from "@aws-lambda-powertools/logger";
import type { Transition } from "../domain/change.ts";
import { failureFields } from "./failure.ts";

/**
 * The one line that tells everything about a submit, an attempt or an act, with every field that
 * one would join on. It carries ids, states, durations and classes; never a body, a header, a key
 * or a URL beyond its host.
 */
export type Line = {
  readonly event: "start" | "submit" | "attempt" | "dispatch" | "quarantine" | "dead-letter";
  readonly senderId?: string;
  readonly messageId?: string;
  readonly transitions?: readonly Pick<Transition, "verb" | "from" | "to">[];
  readonly [field: string]: unknown;
};

export type Log = {
  readonly line: (line: Line) => void;
  /** An error of ours, with as much of it as may be shown. */
  readonly failure: (
    what: string,
    error: unknown,
    fields?: Readonly<Record<string, unknown>>,
  ) => void;
};

/** The log of a Lambda function: JSON, with what Lambda knows about the function. */
export const lambdaLog = (functionName: string): Log => {
  const logger = new Logger({ serviceName: `postrider-${functionName}`, logLevel: "INFO" });
  return {
    line: ({ event, ...fields }) => logger.info(event, fields),
    failure: (what, error, fields = {}) =>
      logger.error(what, { ...fields, ...failureFields(error) }),
  };
};

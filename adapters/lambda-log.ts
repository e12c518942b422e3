import { type ChangeVerb, lifecycle } from "../domain/lifecycle.ts";
import { systemClock } from "./clock.ts";
import { failureFields } from "./failure.ts";
import type { Line, Log } from "./log.ts";
import { print } from "./terminal.ts";

type Steps = Extract<Line, { readonly transitions: unknown }>["transitions"];

/**
 * Returns changes of state in few bytes: `submit,enqueue`. The verb tells from which state, and to
 * which: the row of the lifecycle says it. Where another state than the row's last one was left, that is
 * named: `claim<PENDING`.
 */
export const verbsShown = (steps: Steps): string =>
  steps
    .map(({ verb, from }) => {
      const usual =
        verb === "submit" ? undefined : lifecycle[verb satisfies ChangeVerb].from.at(-1);
      return from === usual ? verb : `${verb}<${from ?? "unknown"}`;
    })
    .join();

/**
 * Returns what is written of a line. Each byte is paid for, once for each message: of what goes as it
 * mostly does, what another field tells is left out. A submit that was queued made `enqueue`, and its
 * attempts have its target. An attempt that was accepted made `complete`; its answer was a 200 unless
 * it says otherwise, and where the time went is asked of others.
 */
const shortened = (line: Line): Readonly<Record<string, unknown>> => {
  const { event: _, ...fields } = line;
  const steps = "transitions" in line ? { transitions: verbsShown(line.transitions) } : {};
  if (line.event === "submit") {
    const isQueued = line.status === "QUEUED" && !line.duplicate;
    const usual = isQueued && { status: undefined, duplicate: undefined, targetHost: undefined };
    return { ...fields, ...steps, ...usual };
  }
  if (line.event === "attempt" && line.verdict === "complete") {
    const httpStatus = line.httpStatus === 200 ? undefined : line.httpStatus;
    return { ...fields, ...steps, httpStatus, verdict: undefined, timings: undefined };
  }
  return { ...fields, ...steps };
};

const write = (level: "INFO" | "ERROR", message: string, fields: object): void => {
  const timestamp = new Date(systemClock()).toISOString();
  print(`${JSON.stringify({ level, message, timestamp, ...fields })}\n`);
};

/** Creates the log of a Lambda function: a JSON object a line, with level and time as Lambda reads them. */
export const lambdaLog = (functionName: string): Log => {
  const service = `postrider-${functionName}`;
  return {
    line: (line) =>
      write("INFO", line.event, { ...(line.event === "start" && { service }), ...shortened(line) }),
    failure: (what, error, fields = {}) =>
      write("ERROR", what, { service, ...fields, ...failureFields(error) }),
  };
};

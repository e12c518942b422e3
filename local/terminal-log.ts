import type { Clock } from "../adapters/clock.ts";
import { failureFields } from "../adapters/failure.ts";
import type { Line, Log } from "../adapters/log.ts";
import { printableLine } from "../domain/printable.ts";

/** What the built-in target got, and answered. */
export type Arrival = {
  readonly messageId: string | undefined;
  readonly bytes: number;
  readonly httpStatus: number;
};

/** The log of the local edition, which also says things that are no events of a message. */
export type TerminalLog = Log & {
  readonly arrival: (arrival: Arrival) => void;
  readonly note: (text: string) => void;
};

type Write = (line: string) => void;

/** One JSON object a line, as the functions on AWS write it. */
export const jsonLog = (write: Write, clock: Clock): TerminalLog => {
  const put = (level: string, message: string, fields: object): void =>
    write(
      printableLine(
        JSON.stringify({ level, message, timestamp: new Date(clock()).toISOString(), ...fields }),
      ),
    );
  return {
    line: ({ event, ...fields }) => put("INFO", event, fields),
    failure: (what, error, fields = {}) =>
      put("ERROR", what, { ...fields, ...failureFields(error) }),
    arrival: (arrival) => put("INFO", "echo", arrival),
    note: (text) => put("INFO", "note", { text }),
  };
};

const timeOf = (clock: Clock): string => new Date(clock()).toISOString().slice(11, 23);

const pathOf = (line: Line): string => {
  const transitions = "transitions" in line ? line.transitions : [];
  const [first] = transitions;
  const states = transitions.map(({ to }) => to);
  return [...(first?.from ? [first.from] : []), ...states].join(" → ");
};

/** The verdicts on an attempt whose outcome was not stored, so that no change of state tells it. */
const unstored: ReadonlySet<string> = new Set(["record-dropped", "overtaken", "unsettled"]);

const progressOf = ({ done, failed }: Extract<Line, { event: "job" }>): string =>
  done === undefined ? "" : `${done} done, ${failed} failed`;

/** Returns what else a reader wants to know of a line, in the order in which one would say it. */
const detailsOf = (line: Line): readonly unknown[] => {
  switch (line.event) {
    case "submit":
      return [line.duplicate && `duplicate of a ${line.status} message`, line.problem];
    case "steer":
      return [line.action, line.status, line.problem];
    case "job":
      return [line.jobId, line.verb ?? line.action, line.status, line.problem, progressOf(line)];
    case "manage":
      return [line.change, line.problem];
    case "sign-in":
      return [line.holder, `key ${line.keyId}`];
    case "attempt":
      return [
        `attempt ${line.attempt}`,
        line.httpStatus && `answer ${line.httpStatus}`,
        line.class !== "accepted" && line.class !== "status" && line.class,
        line.verdict && unstored.has(line.verdict) && line.verdict,
        line.nextAttemptAt && `next attempt at ${line.nextAttemptAt.slice(11, 19)}`,
        line.reason,
      ];
    case "dispatch":
      return [line.act];
    case "quarantine":
      return [line.reason];
    case "dead-letter":
    case "start":
      return [];
  }
};

/**
 * Returns what a line is about: a message, a dead letter, or the sender that an operator changed.
 */
const idOf = (line: Line): string | undefined => {
  if (line.event === "dead-letter") return line.sqsMessageId;
  if (line.event === "manage" || line.event === "sign-in") return line.senderId;
  return "messageId" in line ? line.messageId : undefined;
};

const detailOf = (line: Line): string =>
  detailsOf(line)
    .filter((part) => part)
    .join(", ");

/** The widest event is `dead-letter`. */
const eventChars = 11;
const idChars = 24;
const tookChars = 8;

/** Creates the log for a person: a line per event, in columns. A longer id moves the other columns. */
export const textLog = (write: Write, clock: Clock): TerminalLog => {
  const put = (text: string): void => write(printableLine(`${timeOf(clock)}  ${text}`));
  const row = (event: string, id: unknown, tookMs: unknown, ...rest: readonly string[]): void => {
    const took = tookMs === undefined ? "" : `${tookMs} ms`;
    const columns = [
      event.padEnd(eventChars),
      String(id ?? "-").padEnd(idChars),
      took.padStart(tookChars),
      ...rest.filter((part) => part !== ""),
    ];
    put(columns.join("  ").trimEnd());
  };
  return {
    line: (line) => {
      const id = idOf(line);
      const tookMs = "durationMs" in line ? line.durationMs : undefined;
      row(line.event, id, tookMs, pathOf(line), detailOf(line));
    },
    failure: (what, error, fields = {}) => {
      const { at: _, ...short } = failureFields(error);
      put(`${"error".padEnd(eventChars)}  ${what}  ${JSON.stringify({ ...fields, ...short })}`);
    },
    arrival: ({ messageId, bytes, httpStatus }) =>
      row("echo", messageId, undefined, `${bytes} bytes arrived, answer ${httpStatus}`),
    note: put,
  };
};

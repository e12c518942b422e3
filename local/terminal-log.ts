import type { Clock } from "../adapters/clock.ts";
import { failureFields } from "../adapters/failure.ts";
import type { Line, Log } from "../adapters/log.ts";

/** The log of the local edition, which also says things that are no events of a message. */
export type TerminalLog = Log & { readonly note: (text: string) => void };

type Write = (line: string) => void;

/** One JSON object a line, as the functions on AWS write it. */
export const jsonLog = (write: Write, clock: Clock): TerminalLog => {
  const put = (level: string, message: string, fields: object): void =>
    write(
      JSON.stringify({ level, message, timestamp: new Date(clock()).toISOString(), ...fields }),
    );
  return {
    line: ({ event, ...fields }) => put("INFO", event, fields),
    failure: (what, error, fields = {}) =>
      put("ERROR", what, { ...fields, ...failureFields(error) }),
    note: (text) => put("INFO", "note", { text }),
  };
};

const timeOf = (clock: Clock): string => new Date(clock()).toISOString().slice(11, 23);

const pathOf = ({ transitions = [] }: Line): string =>
  transitions
    .map(({ from, to }, index) => (index === 0 && from ? `${from} → ${to}` : `→ ${to}`))
    .join(" ");

/** What else a reader wants to know, in the order in which one would say it. */
const detailOf = (line: Line): string => {
  const { attempt, act, httpStatus, class: failure, verdict, reason, problem } = line;
  return [
    attempt && `attempt ${attempt}`,
    act,
    httpStatus && `answer ${httpStatus}`,
    failure !== "accepted" && failure !== "status" && failure,
    (verdict === "record-dropped" || verdict === "overtaken") && verdict,
    reason,
    problem,
  ]
    .filter((part) => part)
    .join(", ");
};

/** The same to be read by a person: a line an event. */
export const textLog = (write: Write, clock: Clock): TerminalLog => {
  const put = (text: string): void => write(`${timeOf(clock)}  ${text}`);
  return {
    line: (line) => {
      const subject = line.messageId ?? line["sqsMessageId"] ?? "";
      const took = line["durationMs"] === undefined ? "" : `${line["durationMs"]} ms`;
      const parts = [line.event.padEnd(7), subject, pathOf(line), detailOf(line), took];
      put(parts.filter((part) => part !== "").join("  "));
    },
    failure: (what, error, fields = {}) => {
      const { at: _, ...short } = failureFields(error);
      put(`error    ${what}  ${JSON.stringify({ ...fields, ...short })}`);
    },
    note: put,
  };
};

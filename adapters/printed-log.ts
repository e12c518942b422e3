import { failureFields } from "./failure.ts";
import type { Log } from "./log.ts";
import { print } from "./terminal.ts";

/** Prints each line as JSON, as Lambda's own log format takes it: `message` names the event. */
export const printedLog: Log = {
  line: ({ event, ...fields }) => {
    print(`${JSON.stringify({ level: "INFO", message: event, ...fields })}\n`);
  },
  failure: (what, error, fields = {}) => {
    const line = { level: "ERROR", message: what, ...fields, ...failureFields(error) };
    print(`${JSON.stringify(line)}\n`);
  },
};

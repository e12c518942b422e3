import { peerOf, type RunningEdition } from "./local-processes.ts";
import { UnusableOption, type Values } from "./part.ts";

const plainBody = '{"id":"{id}","text":"{text}"}';

const headersIn = (given: Values["header"]): Readonly<Record<string, string>> => {
  const lines = Array.isArray(given) ? (given as readonly string[]) : [];
  const pairs = lines.map((line) => {
    const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new UnusableOption(`--header must be \`name: value\`, not ${JSON.stringify(line)}`);
    return [name.toLowerCase(), value] as const;
  });
  return { "content-type": "application/json", ...Object.fromEntries(pairs) };
};

const pidsIn = (given: Values["pids"]): readonly number[] => {
  const pids = typeof given === "string" ? given.split(",").map(Number) : [];
  if (pids.every((pid) => Number.isSafeInteger(pid) && pid > 0)) return pids;
  throw new UnusableOption("--pids must be ids of processes with commas between them");
};

/**
 * Returns what the local edition is compared with, if that is asked for: anything that takes messages
 * by HTTP and delivers them to the receiver. Throws UnusableOption.
 */
export const peerIn = (values: Values): RunningEdition | undefined => {
  const { against, body = plainBody } = values;
  const template = { headers: headersIn(values["header"]), body: String(body) };
  const pids = pidsIn(values["pids"]);
  if (typeof against !== "string") {
    if (pids.length > 0 || values["header"] || values["body"])
      throw new UnusableOption("--pids, --header and --body are of what --against names");
    return undefined;
  }
  if (!/^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(against))
    throw new UnusableOption("--against must be an http URL of this machine");
  if (pids.length === 0) throw new UnusableOption("--against needs --pids: whose CPU time counts");
  if (!template.body.includes("{id}"))
    throw new UnusableOption("--body must contain {id}: by it the receiver knows a message again");
  return peerOf({ url: against, ...template }, pids);
};

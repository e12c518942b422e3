import { join } from "node:path";
import type { TargetPolicy } from "../domain/target-url.ts";
import type { Demo } from "./demo-sender.ts";

export type BannerFacts = Pick<Demo, "senderId" | "apiKey"> & {
  readonly url: string;
  readonly signInUrl: string;
  readonly dataDir: string;
  /** Whether the command finds the edition in the folder that it was started in. */
  readonly isUsualDir: boolean;
  readonly now: number;
  readonly warnings: readonly string[];
  /** The ranges of addresses that are permitted besides public ones, as they were set; `none`. */
  readonly allowed: string;
  readonly http: TargetPolicy["http"];
  /** Where spans are sent, if they are. */
  readonly tracingEndpoint?: string | undefined;
};

const httpInWords: Readonly<Record<TargetPolicy["http"], string>> = {
  never: "by https only",
  "allowed-ranges": "to the latter also by plain http",
  always: "to all of them also by plain http",
};

/**
 * Returns where deliveries may go, and how. Where no range is allowed there is none for plain http
 * either.
 */
export const reachOf = ({ allowed, http }: Pick<BannerFacts, "allowed" | "http">): string => {
  if (allowed !== "none") return `public addresses, and ${allowed}; ${httpInWords[http]}`;
  return `public addresses only, ${http === "always" ? "also by plain http" : "by https only"}`;
};

/**
 * Returns what the local edition says when it is ready: what it is, and how to send the first
 * message.
 */
export const banner = (facts: BannerFacts): string => {
  const { url, signInUrl, senderId, apiKey, now, dataDir, warnings } = facts;
  const message = JSON.stringify({
    messageId: "hello-1",
    senderId,
    timestamp: new Date(now).toISOString(),
    targetUrl: `${url}/echo`,
    body: { hello: "world" },
  });
  return [
    "",
    "  Postrider, on this machine: embedded table and queue, the same handlers as on AWS.",
    "",
    `  Listening on   ${url}`,
    `  Described at   ${url}/docs`,
    `  Data in        ${dataDir}`,
    `  Delivers to    ${reachOf(facts)}`,
    ...(facts.tracingEndpoint ? [`  Traces to      ${facts.tracingEndpoint}`] : []),
    `  Signed with    the signingSecret in ${join(dataDir, "local.json")}`,
    `  Operator key   the operatorKey in ${join(dataDir, "local.json")}: it manages senders`,
    ...warnings.map((warning) => `  Warning        ${warning}`),
    "",
    "  See it in the dashboard. The link signs you in once, within 15 minutes:",
    "",
    `  ${signInUrl}`,
    "",
    "  Send a message to the built-in echo target:",
    "",
    `curl -s ${url}/v1/messages -H 'authorization: Bearer ${apiKey}' -H 'content-type: application/json' -d '${message}'`,
    "",
    "  and see where it is:",
    "",
    `curl -s ${url}/v1/messages/hello-1 -H 'authorization: Bearer ${apiKey}'`,
    "",
    `  The same with the command${facts.isUsualDir ? ", which finds this edition by itself" : ""}:`,
    "",
    `npx postrider${facts.isUsualDir ? "" : ` --data-dir '${dataDir}'`} send ${url}/echo --body '{"hello":"world"}' --wait`,
    "",
    "  A messageId is delivered once: use another one for the next message. Ctrl-C stops.",
    "",
  ].join("\n");
};

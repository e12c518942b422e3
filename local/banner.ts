import type { Demo } from "./demo-sender.ts";

export type BannerFacts = Demo & {
  readonly url: string;
  readonly dataDir: string;
  readonly now: number;
  readonly warnings: readonly string[];
  readonly allowed: string;
};

/** What the local edition says when it is ready: what it is, and how to send the first message. */
export const banner = (facts: BannerFacts): string => {
  const { url, senderId, apiKey, now, dataDir, warnings, allowed } = facts;
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
    `  Data in        ${dataDir}`,
    `  Delivers to    ${allowed}`,
    ...warnings.map((warning) => `  Warning        ${warning}`),
    "",
    "  Send a message to the built-in echo target:",
    "",
    `curl -s ${url}/v1/messages -H 'authorization: Bearer ${apiKey}' -H 'content-type: application/json' -d '${message}'`,
    "",
    "  and see where it is:",
    "",
    `curl -s ${url}/v1/messages/hello-1 -H 'authorization: Bearer ${apiKey}'`,
    "",
    "  A messageId is delivered once: use another one for the next message. Ctrl-C stops.",
    "",
  ].join("\n");
};

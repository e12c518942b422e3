import type { Message } from "../../client/answers.ts";
import type { Outside } from "../../client/outside.ts";
import type { Postrider } from "../../client/postrider.ts";
import type { Finding } from "../finding.ts";

type Deps = {
  readonly client: Pick<Postrider, "send" | "get">;
  readonly now: () => number;
  readonly token: () => string;
  readonly sleep: Outside["sleep"];
  readonly signal: AbortSignal;
};

/** The pause between two reads of the message. */
const pauseMs = 500;
/**
 * The waits between attempts, whatever the sender's are: a deployment may throttle one, and is not
 * slow.
 */
const schedule = ["2s", "10s"];
const about = "delivery";

const failed = (message: Message): Finding => ({
  ...{ level: "broken", about },
  what: `A message to the deployment itself is ${message.status}: ${message.why}`,
  todo:
    message.failReason === "target-blocked"
      ? "The worker is not permitted to reach the API: its address is private. Add its range to allowTargets."
      : `postrider why ${message.messageId} says what was answered. A 404 means that its signature was not right.`,
});

const unfinished = (message: Message, withinMs: number): Finding => ({
  ...{ level: "broken", about },
  what: `A message to the deployment itself is still ${message.status} after ${withinMs / 1000} s: ${message.why}`,
  todo: "See the alarms and the log of the worker: it fails, is throttled, or has a backlog.",
});

/**
 * Sends a message to the deployment itself, which verifies its signature, and says whether it
 * arrived within so long. Rejects if the deployment does not answer or refuses it, and if the
 * signal aborts.
 */
export const checkDelivery = async (
  { client, now, token, sleep, signal }: Deps,
  { url, withinMs }: { readonly url: string; readonly withinMs: number },
): Promise<Finding> => {
  const startedAt = now();
  const messageId = `doctor-${token()}`;
  await client.send(
    {
      ...{ messageId, targetUrl: `${url.replace(/\/+$/, "")}/healthz/delivery` },
      ...{ body: { check: messageId }, retry: { schedule }, retentionDays: 1 },
    },
    { signal },
  );
  for (;;) {
    const message = await client.get(messageId, { signal });
    const tookMs = now() - startedAt;
    if (message.status === "COMPLETED") {
      const what = `A message to the deployment itself arrived after ${tookMs} ms, with the right signature.`;
      return { level: "ok", about, what };
    }
    if (message.status === "FAILED" || message.status === "CANCELLED") return failed(message);
    if (tookMs >= withinMs) return unfinished(message, withinMs);
    await sleep(pauseMs, signal);
  }
};

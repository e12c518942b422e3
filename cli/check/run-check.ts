import type { Certificate } from "../../adapters/certificate.ts";
import type { Clock } from "../../adapters/clock.ts";
import type { Post } from "../../adapters/http.ts";
import { type Exchange, isAccepted } from "../../domain/outcome.ts";
import type { CheckFacts } from "./judge.ts";
import {
  type ProbeFacts,
  type ProbeName,
  probeMessageId,
  probeNames,
  probeRequest,
} from "./probe.ts";

type Deps = {
  readonly post: Post;
  readonly certificateAt: (url: string, deadlineMs: number) => Promise<Certificate | undefined>;
  readonly clock: Clock;
  /** Called with each request before it is sent. */
  readonly onProbe: (name: ProbeName) => void;
};

/**
 * Sends the requests of a check to its receiver, one after the other, and returns what came of
 * them. If the first is not accepted, the others are not sent. Never rejects.
 */
export const runCheck = async (
  { post, certificateAt, clock, onProbe }: Deps,
  probe: ProbeFacts,
  deadlineMs: number,
): Promise<CheckFacts> => {
  const exchanges: Partial<Record<ProbeName, Exchange>> = {};
  for (const name of probeNames) {
    onProbe(name);
    const exchange = await post(probeRequest(name, probe, clock()), deadlineMs);
    exchanges[name] = exchange;
    const isGood = exchange.kind === "answered" && isAccepted(exchange.status);
    if (name === "good" && !isGood) break;
  }
  // Afterwards, so that the first request has its look-up to make, as a delivery has.
  const isSecure = new URL(probe.url).protocol === "https:";
  const certificate = isSecure ? await certificateAt(probe.url, deadlineMs) : undefined;
  return {
    ...{ url: probe.url, now: clock(), deadlineMs, exchanges },
    messageId: probeMessageId("good", probe.token),
    ...(certificate && { certificate }),
  };
};

import { formatDuration } from "../../domain/duration.ts";
import type { Exchange, NoAnswerClass, Timings } from "../../domain/outcome.ts";
import { hostOf } from "../../domain/target-host.ts";
import type { Finding } from "../finding.ts";

type Facts = { readonly url: string; readonly deadlineMs: number };
type Advice = { readonly what: string; readonly todo: string };

/** Says how long each phase of an exchange took; a phase that there was not is left out. */
const phasesInWords = (timings: Timings = {}, durationMs: number): string => {
  const { dnsMs, connectMs, tlsMs, firstByteMs } = timings;
  const before = (dnsMs ?? 0) + (connectMs ?? 0) + (tlsMs ?? 0);
  const phases = [
    ["look-up", dnsMs],
    ["connect", connectMs],
    ["TLS", tlsMs],
    ["wait", firstByteMs === undefined ? undefined : Math.max(0, firstByteMs - before)],
    // Of what is accepted only the head counts, and it is there with the first byte.
    ["read", firstByteMs === undefined ? undefined : durationMs - firstByteMs || undefined],
  ] as const;
  return phases
    .filter(([, ms]) => ms !== undefined)
    .map(([name, ms]) => `${name} ${ms} ms`)
    .join(", ");
};

/** Says that the good request was accepted, and whether that was in good time. */
export const acceptanceFinding = (
  {
    status,
    durationMs,
    timings,
  }: { readonly status: number } & Pick<Exchange, "durationMs" | "timings">,
  { deadlineMs }: Facts,
): Finding => {
  const took = `A signed request was accepted with ${status} after ${durationMs} ms (${phasesInWords(timings, durationMs)}).`;
  return durationMs * 2 <= deadlineMs
    ? { level: "ok", about: "delivery", what: took }
    : {
        ...{ level: "attention", about: "delivery", what: took },
        todo: `That is more than half of the ${formatDuration(deadlineMs)} that an attempt may take. Store the message, answer, and work afterwards.`,
      };
};

const silences = (host: string, deadlineMs: number): Readonly<Record<NoAnswerClass, Advice>> => ({
  dns: {
    what: `The name ${host} could not be looked up`,
    todo: "Check the spelling, and that the name is in public DNS.",
  },
  connect: {
    what: `No connection to ${host} could be made`,
    todo: "Check that the server runs, listens on this port, and that no firewall is in between.",
  },
  tls: {
    what: `No secure connection to ${host} could be made`,
    todo: "TLS must be 1.2 or later, with a trusted certificate for this name.",
  },
  timeout: {
    what: `${host} did not answer within ${formatDuration(deadlineMs)}`,
    todo: "Store the message, answer, and work afterwards.",
  },
  reset: {
    what: `${host} closed the connection without an answer`,
    todo: "See the log of the receiver, and of what stands before it.",
  },
  protocol: {
    what: `${host} did not answer in HTTP/1.1`,
    todo: "Check the port, and whether it is http or https.",
  },
  "target-blocked": {
    what: `The address of ${host} is one that deliveries may not reach`,
    todo: "Private and local addresses are closed. For a receiver of your own: --allow-private here, POSTRIDER_ALLOW_TARGETS in a deployment.",
  },
  unsendable: { what: "No HTTP request can be made of this", todo: "Check URL and headers." },
});

/** What a refusal of a good request means, by its status. */
const refusals: readonly (readonly [RegExp, string])[] = [
  [/^3/, "Redirects are not followed. Use the URL that it leads to."],
  [
    /^40[13]$/,
    "It takes the request to be forged, or asks for a credential. Does it have the secret of this sender? Does it verify the bytes of the body as they came, before any parser? If it asks for a credential, add --header.",
  ],
  [/^404$/, "Check the path of the URL."],
  [/^405$/, "The receiver must take POST, or the message name another method."],
  [/^41[35]$/, "The receiver must take this body, or give another one: --body."],
  [/^410$/, "Postrider gives a message up at once after 410. Check the path of the URL."],
  [/^429$/, "It limits how many requests it takes. Check again later."],
  [/^4/, "It may expect another body: give one that it knows with --body. It must answer 2xx."],
  [/^5/, "See the log of the receiver. It must answer 2xx once the message is stored."],
];

/** Says why a good request was not accepted. The others were not sent, as they would tell nothing. */
export const refusedGoodFinding = (exchange: Exchange, { url, deadlineMs }: Facts): Finding => {
  const advice: Advice =
    exchange.kind === "no-answer"
      ? silences(hostOf(url), deadlineMs)[exchange.class]
      : {
          what: `A signed request was not accepted, but answered ${exchange.status}`,
          todo:
            refusals.find(([pattern]) => pattern.test(`${exchange.status}`))?.[1] ??
            "It must answer 2xx.",
        };
  const isLate = exchange.kind === "no-answer" && exchange.class === "timeout";
  const after = isLate ? "" : `, after ${exchange.durationMs} ms`;
  return {
    ...{ level: "broken", about: "delivery", todo: advice.todo },
    what: `${advice.what}${after}. The other requests were not sent.`,
  };
};

import type { Certificate } from "../../adapters/certificate.ts";
import { type Exchange, isAccepted } from "../../domain/outcome.ts";
import { certificateFinding } from "../certificate-findings.ts";
import type { Finding } from "../finding.ts";
import { acceptanceFinding, refusedGoodFinding } from "./acceptance.ts";
import type { ProbeName } from "./probe.ts";

/** What came of the requests of a check. Those after the first are sent only if that was accepted. */
export type CheckFacts = {
  readonly url: string;
  readonly now: number;
  readonly deadlineMs: number;
  readonly messageId: string;
  /** Absent for plain http, and where no secure connection could be made. */
  readonly certificate?: Certificate;
  readonly exchanges: Readonly<Partial<Record<ProbeName, Exchange>>>;
};

const encryptionFindings = ({ url, now, certificate }: CheckFacts): readonly Finding[] => {
  if (certificate) return [certificateFinding(certificate, now)];
  if (new URL(url).protocol === "https:") return []; // The first request says why there is none.
  const what = "The requests are not encrypted: the URL begins with http.";
  return [{ level: "note", about: "tls", what, todo: "Deployments send to https only." }];
};

/** How a refusal of something that is not genuine is called, and what taking it would mean. */
const forgeries = {
  "wrong-signature": {
    about: "wrong-signature",
    name: "A request that another secret signed",
    todo: "Verify webhook-signature over the bytes of the body as they came, and answer 401 if it is wrong: anybody who knows the URL can send messages now.",
  },
  old: {
    about: "old",
    name: "A signed request that is an hour old",
    todo: "Refuse a webhook-timestamp that is more than 5 minutes away from your clock: whoever recorded a request can send it again.",
  },
  unsigned: {
    about: "unsigned",
    name: "A request without a signature",
    todo: "Answer 401 where webhook-signature is missing.",
  },
} as const;
type Forgery = keyof typeof forgeries;

const forgeryFinding = (name: Forgery, exchange: Exchange): Finding => {
  const { about, name: what, todo } = forgeries[name];
  const finding = (level: Finding["level"], said: string, advice?: string): Finding => ({
    ...{ level, about, what: `${what} ${said}` },
    ...(advice !== undefined && { todo: advice }),
  });
  const unclear = "Answer 401, so that it can be told from a fault of the receiver.";
  if (exchange.kind === "no-answer")
    return finding("attention", `got no answer (${exchange.class}).`, unclear);
  const { status } = exchange;
  if (isAccepted(status)) return finding("broken", `was accepted with ${status}.`, todo);
  if (status === 410)
    return finding(
      "attention",
      "was refused with 410.",
      "Answer 401: after 410 Postrider gives a message up, which a wrong secret would then cost you.",
    );
  if (status === 429)
    return finding("attention", "was answered 429.", "Too many requests: check again later.");
  return status >= 400 && status < 500
    ? finding("ok", `was refused with ${status}.`)
    : finding("attention", `was answered ${status}.`, unclear);
};

const repeatFinding = (exchange: Exchange, messageId: string): Finding => {
  const about = "repeat";
  const answered = exchange.kind === "answered" ? `${exchange.status}` : exchange.class;
  return exchange.kind === "answered" && isAccepted(exchange.status)
    ? {
        ...{ level: "note", about },
        what: `The same message once more was accepted with ${answered}. Whether it was dropped cannot be seen from here.`,
        todo: `Check that your receiver acted on ${messageId} once: it must drop a webhook-id that it knows.`,
      }
    : {
        ...{ level: "broken", about },
        what: `The same message once more was not accepted (${answered}).`,
        todo: "Answer a repeat 2xx, like the first one: Postrider sends it again until you do, and the message may end FAILED.",
      };
};

/** Judges a receiver by what came of the requests, in words. */
export const judgeReceiver = (facts: CheckFacts): readonly Finding[] => {
  const { exchanges, messageId } = facts;
  const { good, repeat } = exchanges;
  if (!good) return encryptionFindings(facts);
  if (good.kind === "no-answer" || !isAccepted(good.status))
    return [...encryptionFindings(facts), refusedGoodFinding(good, facts)];
  const forged = (["wrong-signature", "old", "unsigned"] as const).flatMap((name) => {
    const exchange = exchanges[name];
    return exchange ? [forgeryFinding(name, exchange)] : [];
  });
  return [
    ...encryptionFindings(facts),
    acceptanceFinding({ ...good, status: good.status }, facts),
    ...(repeat ? [repeatFinding(repeat, messageId)] : []),
    ...forged,
  ];
};

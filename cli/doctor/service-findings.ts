import type { Certificate } from "../../adapters/certificate.ts";
import { spanInWords } from "../../domain/duration.ts";
import { certificateFinding } from "../certificate-findings.ts";
import type { Finding, Level } from "../finding.ts";
import type { KeyFacts } from "./key-findings.ts";
import { keyFindings } from "./key-findings.ts";
import { type WorkFacts, workFindings } from "./work-findings.ts";

/** How a service answered `GET /healthz`. */
export type Health =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly isPostrider: boolean;
      readonly ms: number;
    }
  | { readonly kind: "no-answer"; readonly code: string };

/** What was seen of a running service, local or deployed. */
export type ServiceFacts = {
  readonly url: string;
  readonly isLocal: boolean;
  readonly now: number;
  readonly health: Health;
  /** By how much this machine's clock is ahead of the service's, to within about a second. */
  readonly aheadMs?: number;
  readonly certificate?: Certificate;
  /** What the keys may do; absent where none was given. */
  readonly senderKey?: KeyFacts;
  readonly operatorKey?: KeyFacts;
  /** Absent where no key could read it. */
  readonly work?: WorkFacts;
};

/** The clock margin of a deployment: how much its own clocks may differ. */
const marginMs = 5000;
/** From here on a receiver on this machine refuses each delivery (Standard Webhooks). */
const toleranceMs = 300_000;

const healthFinding = ({ url, isLocal, health }: ServiceFacts): Finding => {
  const about = "health";
  if (health.kind === "no-answer")
    return {
      ...{ level: "broken", about, what: `${url} does not answer (${health.code}).` },
      todo: isLocal
        ? "See its terminal: it may be suspended or busy."
        : "Check the address, the network, and in AWS the API and the errors of its function.",
    };
  const { status, isPostrider, ms } = health;
  if (isPostrider) return { level: "ok", about, what: `${url} answers after ${ms} ms.` };
  return {
    ...{
      level: "broken",
      about,
      what: `${url}/healthz answers ${status}, and not as Postrider does.`,
    },
    todo: "Check the address: it is the output Url of the stack, without a path.",
  };
};

const levelOf = (distanceMs: number): Level => {
  if (distanceMs <= marginMs) return "ok";
  return distanceMs < toleranceMs ? "attention" : "broken";
};

const clockFindings = ({ aheadMs, url }: ServiceFacts): readonly Finding[] => {
  if (aheadMs === undefined) return [];
  const level = levelOf(Math.abs(aheadMs));
  if (level === "ok")
    return [
      { level, about: "clock", what: "The clock of this machine and that of the service agree." },
    ];
  const direction = aheadMs > 0 ? "ahead of" : "behind";
  const span = spanInWords(Math.abs(aheadMs));
  const consequence =
    level === "broken"
      ? " A receiver on this machine refuses every signature as too old or too new."
      : "";
  return [
    {
      ...{ level, about: "clock" },
      what: `The clock of this machine is ${span} ${direction} that of ${new URL(url).host}.${consequence}`,
      todo: "Set it by NTP (timedatectl set-ntp true).",
    },
  ];
};

const tlsFindings = ({ url, isLocal, certificate, now }: ServiceFacts): readonly Finding[] => {
  if (certificate) return [certificateFinding(certificate, now)];
  if (isLocal || new URL(url).protocol === "https:") return [];
  const what = "The service is called without TLS: anybody on the way can read the key.";
  return [{ level: "attention", about: "tls", what, todo: "Use its https URL." }];
};

/** Judges a running service by what was seen of it. Where it does not answer, nothing else is said. */
export const serviceFindings = (facts: ServiceFacts): readonly Finding[] => {
  const health = healthFinding(facts);
  const connection = [...tlsFindings(facts), health];
  if (health.level === "broken") return connection;
  return [
    ...connection,
    ...clockFindings(facts),
    ...keyFindings(facts),
    ...(facts.work ? workFindings(facts.work, facts) : []),
  ];
};

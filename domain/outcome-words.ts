import { spanInWords } from "./duration.ts";
import type { LastOutcome, Message } from "./message.ts";
import type { NoAnswerClass } from "./outcome.ts";
import { hostOf } from "./target-host.ts";

/** Returns how long ago something was, for the end of a sentence; nothing if it is still to come. */
export const ago = (at: number | undefined, now: number): string =>
  at === undefined || at > now ? "" : ` ${spanInWords(now - at)} ago`;

/** Returns a sentence on the erasure of a message, to follow others; nothing if there was none. */
export const erasedInWords = ({ erasedAt }: Message, now: number): string =>
  erasedAt === undefined ? "" : ` Its content was erased${ago(erasedAt, now)}.`;

/** Returns the number of an attempt, and how many there may be. */
export const numbered = (attempt: number, { attemptsAllowed }: Message): string =>
  `${attempt} of ${attemptsAllowed}`;

/** What went wrong, by the class of the outcome: the rest of a sentence about one attempt. */
const failures: Readonly<
  Record<NoAnswerClass | "payload-missing" | "too-late" | "unknown", (host: string) => string>
> = {
  dns: (host) => `the name of ${host} could not be looked up`,
  connect: (host) => `no connection to ${host} could be made`,
  tls: (host) => `no secure connection to ${host} could be made`,
  timeout: (host) => `${host} did not answer in time`,
  reset: (host) => `${host} broke the connection off`,
  protocol: (host) => `${host} did not answer in HTTP`,
  "target-blocked": (host) => `the address of ${host} is one that may not be reached`,
  unsendable: () => "no HTTP request can be made of the message",
  "payload-missing": () => "the headers and the body of the message are missing",
  "too-late": () => "giveUpAt had passed",
  unknown: (host) => `its worker was lost, and whether ${host} got the request is unknown`,
};
const isFailure = (text: string): text is keyof typeof failures => Object.hasOwn(failures, text);

/** Returns a sentence on what came of the latest attempt that ended. */
export const outcomeInWords = (message: Message, last: LastOutcome, now: number): string => {
  const host = hostOf(message.targetUrl);
  const attempt = `Attempt ${numbered(last.attempt, message)}`;
  const when = ago(last.at, now);
  if (last.status !== undefined) return `${attempt} got ${last.status} from ${host}${when}.`;
  const failure = isFailure(last.class) ? failures[last.class](host) : last.class;
  return `${attempt} failed${when}: ${failure}.`;
};

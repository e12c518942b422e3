import { styled } from "../../adapters/styled.ts";
import { Failed } from "../failed.ts";
import type { Io } from "../io.ts";
import { type ProbeName, probeNames } from "./probe.ts";

/** What each request is, for a person. */
export const probesInWords: Readonly<Record<ProbeName, string>> = {
  good: "a signed one",
  repeat: "the same once more",
  "wrong-signature": "one that another secret signed",
  old: "a signed one that is an hour old",
  unsigned: "one without a signature",
};

/** What is about to be sent. */
type Sending = {
  readonly url: string;
  readonly body: string;
  /** Where the signing secret comes from. */
  readonly from: string;
  /** Whether the person has agreed already. */
  readonly isAsked: boolean;
};

const shownCharsMax = 60;
const bodyInWords = (body: string): string =>
  body.length <= shownCharsMax ? `the body ${body}` : `a body of ${Buffer.byteLength(body)} bytes`;

/** Says what will be sent, and asks whether it may be. Throws a failure if not. */
export const getConsent = async (io: Io, { url, body, from, isAsked }: Sending): Promise<void> => {
  io.err(styled("bold", `Sends ${probeNames.length} requests to ${url}, as Postrider would:`));
  for (const [at, name] of probeNames.entries()) io.err(`  ${at + 1}. ${probesInWords[name]}`);
  io.err(`Each has ${bodyInWords(body)}.`);
  io.err(`The secret is that of ${from}.`);
  if (isAsked) return;
  if (!io.canAsk)
    throw new Failed({
      ...{
        kind: "usage",
        what: "Nothing was sent: there is no terminal to ask for a confirmation.",
      },
      next: "Add --yes to send without a question.",
    });
  if (await io.confirm("Send them?")) return;
  throw new Failed({ kind: "stopped", what: "Nothing was sent.", next: "See --help." });
};

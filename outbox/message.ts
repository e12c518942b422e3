import type { Submission as ClientSubmission, Time } from "../client/index.ts";
import { isSecretHeader } from "../domain/header-rules.ts";
import { limits } from "../domain/limits.ts";
import { type Issue, Problem } from "../domain/problem.ts";
import type { Submission } from "../domain/submission.ts";
import type { TargetPolicy } from "../domain/target-url.ts";
import { invalid } from "../handlers/submission/issues.ts";
import type { JsonText } from "../handlers/submission/json-text.ts";
import { submissionParser } from "../handlers/submission/parser.ts";

/** A message with the members of `POST /v1/messages`, which has the rules of each. */
export type OutboxMessage = ClientSubmission & {
  readonly senderId: string;
  readonly timestamp: Time;
};

const senderIn = (value: unknown): string => {
  const { senderId } = Object(value) as { readonly senderId?: unknown };
  return typeof senderId === "string" ? senderId : "";
};

/** Returns the JSON that a client would send to the HTTP door. */
const jsonOf = (message: unknown): JsonText => {
  try {
    const text = JSON.stringify(message) ?? "null";
    return { text, value: JSON.parse(text) };
  } catch {
    throw invalid([{ path: [], message: "cannot be written as JSON" }]);
  }
};

/**
 * Returns a parser of messages, which refuses what the HTTP door refuses, with the same problems:
 * it reads the JSON that a client would send there. Who may send for a sender is up to IAM.
 */
export const messageParser = (
  target: TargetPolicy,
): ((message: OutboxMessage, now: number) => Submission) => {
  const parse = submissionParser(target);
  return (message, now) => {
    // JSON makes an object with a member for each byte of them.
    if (ArrayBuffer.isView(Object(message).body))
      throw invalid([{ path: ["body"], message: "is bytes: give them in base64, as bodyBase64" }]);
    const json = jsonOf(message);
    if (Buffer.byteLength(json.text) > limits.requestBytesMax)
      throw new Problem(
        "PAYLOAD_TOO_LARGE",
        `The message is larger than ${limits.requestBytesMax} bytes.`,
      );
    return parse(json, { senderId: senderIn(json.value), now });
  };
};

/** Returns a fault for each secret header: without keys nothing could encrypt it. */
export const secretFaults = ({ headers = {} }: Submission): readonly Issue[] =>
  Object.keys(headers)
    .filter(isSecretHeader)
    .map((name) => ({
      path: ["headers", name],
      message: "is stored encrypted: the outbox needs the option masterKeys",
    }));

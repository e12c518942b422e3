import { createHash } from "node:crypto";
import { maskHeaders } from "./header-rules.ts";

/** The parts of a message that its sender may keep out of every view. They are delivered as usual. */
export const redactable = ["body", "headers", "response"] as const;
export type Redactable = (typeof redactable)[number];

/** What a message stores of it. Absent: nothing is redacted. */
type Redacting = { readonly redact?: string };

const letterOf = { body: "b", headers: "h", response: "r" } as const satisfies Record<
  Redactable,
  string
>;

/** Returns the parts as a message stores them: a letter each, in one order whatever the given one. */
export const redactCode = (parts: readonly Redactable[]): string | undefined => {
  const letters = redactable.filter((part) => parts.includes(part)).map((part) => letterOf[part]);
  return letters.length === 0 ? undefined : letters.join("");
};

const isRedacted = ({ redact = "" }: Redacting, part: Redactable): boolean =>
  redact.includes(letterOf[part]);

/** Returns the parts of a message that are redacted. */
export const redactedParts = (message: Redacting): readonly Redactable[] =>
  redactable.filter((part) => isRedacted(message, part));

const marker = /^REDACTED:[0-9a-f]{64}$/;

/** Shows whether two texts are the same, and nothing else of them. */
const markerOf = (content: string | Uint8Array): string =>
  `REDACTED:${createHash("sha256").update(content).digest("hex")}`;

/** Returns headers as their sender sees them. Values of secret ones are masked in any case. */
export const headersShown = (
  message: Redacting,
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => {
  const masked = maskHeaders(headers);
  if (!isRedacted(message, "headers")) return masked;
  return Object.fromEntries(
    Object.entries(masked).map(([name, value]) => [
      name,
      value === headers[name] ? markerOf(value) : value,
    ]),
  );
};

/**
 * Returns what is kept and shown of the answer of a target. The marker of one that is redacted
 * already stays: an older version stores the answer itself, so it is redacted again to be shown.
 */
export const responseShown = (message: Redacting, text: string): string =>
  isRedacted(message, "response") && !marker.test(text) ? markerOf(text) : text;

/** Returns the body as its sender sees it: the marker of one that is redacted, in place of it. */
export const bodyShown = (message: Redacting, body: Uint8Array): Uint8Array =>
  isRedacted(message, "body") ? new TextEncoder().encode(markerOf(body)) : body;

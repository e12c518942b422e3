import { limits } from "./limits.ts";

/**
 * Letters, digits and `_ . : -`. Not `.` or `..`: clients resolve them in a URL path, also encoded
 * as `%2e` (WHATWG URL, "double-dot path segment").
 */
export const senderIdPattern = new RegExp(`^(?!\\.{1,2}$)[A-Za-z0-9_.:-]{1,${limits.idCharsMax}}$`);

/** Printable ASCII without the space: headers, logs and pages show it unchanged. */
export const messageIdPattern = new RegExp(`^(?!\\.{1,2}$)[\\x21-\\x7e]{1,${limits.idCharsMax}}$`);

export const isSenderId = (text: string): boolean => senderIdPattern.test(text);
export const isMessageId = (text: string): boolean => messageIdPattern.test(text);

const percent = (char: string): string =>
  `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

/**
 * Returns a message id as table keys and encryption contexts hold it: without `#`, their separator.
 * An id of `A-Z a-z 0-9 _ . : -` stays as it is. No two ids have the same result.
 */
export const idInKey = (messageId: string): string =>
  messageId.replace(/[^A-Za-z0-9_.:-]/g, percent);

/** Reverses `idInKey`. */
export const idOfKey = (text: string): string =>
  text.replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );

/**
 * Returns a message id as one path segment. Some gateways decode a path before they pass it on, and
 * an encoded `/` or `?` then looks like any other. So an id with characters other than `A-Z a-z 0-9
 * _ . : -` becomes `~` and its base64url (RFC 4648, 5), which no gateway changes.
 */
export const idInPath = (messageId: string): string =>
  isSenderId(messageId) ? messageId : `~${Buffer.from(messageId).toString("base64url")}`;

export type PathId =
  /** `isExact`: no gateway can have made it from another id. */
  | { readonly kind: "id"; readonly messageId: string; readonly isExact: boolean }
  | { readonly kind: "fault"; readonly message: string };

const decoded = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
};

/**
 * Returns the id in a path segment, as `idInPath` writes it or percent-encoded. Percent-encoding
 * works for ids without `/` and `?` that do not begin with `~`. An id that no message can have is
 * no fault here: no message is found under it.
 */
export const idOfPath = (segment: string): PathId => {
  const text = decoded(segment);
  if (text === undefined) return { kind: "fault", message: "is not percent-encoded text" };
  if (text.startsWith("~")) {
    const messageId = Buffer.from(text.slice(1), "base64url").toString();
    return isMessageId(messageId) && `~${Buffer.from(messageId).toString("base64url")}` === text
      ? { kind: "id", messageId, isExact: true }
      : { kind: "fault", message: "begins with ~ and is not the base64url of a message id" };
  }
  if (/[/?]/.test(text))
    return { kind: "fault", message: "has a / or a ?: write it as ~ and its base64url" };
  return { kind: "id", messageId: text, isExact: false };
};

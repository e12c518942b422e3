import { limits } from "./limits.ts";

/**
 * Letters, digits and `_ . : -`; not `.` or `..`: a URL path cannot name them, encoded neither, for
 * clients resolve `%2e` as they resolve a dot (WHATWG URL, "double-dot path segment").
 */
export const senderIdPattern = new RegExp(`^(?!\\.{1,2}$)[A-Za-z0-9_.:-]{1,${limits.idCharsMax}}$`);

/** Printable ASCII without the space, so that headers, logs and pages show it as it is. */
export const messageIdPattern = new RegExp(`^(?!\\.{1,2}$)[\\x21-\\x7e]{1,${limits.idCharsMax}}$`);

export const isSenderId = (text: string): boolean => senderIdPattern.test(text);
export const isMessageId = (text: string): boolean => messageIdPattern.test(text);

const percent = (char: string): string =>
  `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

/**
 * A message id as keys of the table and sealing contexts hold it: without `#`, which parts them. An
 * id of `A-Z a-z 0-9 _ . : -` is its own; no two ids have the same.
 */
export const idInKey = (messageId: string): string =>
  messageId.replace(/[^A-Za-z0-9_.:-]/g, percent);

/** Takes `idInKey` back. */
export const idOfKey = (text: string): string =>
  text.replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );

/**
 * A message id as one segment of a path. Some gateways decode a path before they pass it on, and
 * then a `/` or a `?` that was encoded looks like any other. So ids of other characters than
 * `A-Z a-z 0-9 _ . : -` are `~` and their base64url (RFC 4648, 5), in which nothing is to decode.
 */
export const idInPath = (messageId: string): string =>
  isSenderId(messageId) ? messageId : `~${Buffer.from(messageId).toString("base64url")}`;

export type PathId =
  /** `isExact`: nothing on the way can have made it of another id. */
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
 * The id that a segment of a path names: as `idInPath` writes it, or percent-encoded, which serves
 * ids without `/` and `?` that do not begin with `~`. An id that no message can have is an id.
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

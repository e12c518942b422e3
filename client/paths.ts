import { bytesOf, toBase64 } from "./base64.ts";

const plainId = /^(?!\.{1,2}$)[A-Za-z0-9_.:-]+$/;

/** Returns a message id as a segment of a path: as it is, or as `~` and its base64url. */
const idInPath = (messageId: string): string => {
  if (plainId.test(messageId)) return messageId;
  const base64 = toBase64(bytesOf(messageId));
  return `~${base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
};

/** Returns the path of a message, or of a part of it. */
export const messagePath = (messageId: string, part?: string): string =>
  `/v1/messages/${idInPath(messageId)}${part === undefined ? "" : `/${part}`}`;

/** Returns a query of what is given: `?a=b`, or nothing. */
export const queryOf = (members: Readonly<Record<string, unknown>>): string => {
  const given = Object.entries(members).flatMap(([name, value]) =>
    value === undefined || value === null
      ? []
      : [
          `${name}=${encodeURIComponent(value instanceof Date ? value.toISOString() : String(value))}`,
        ],
  );
  return given.length === 0 ? "" : `?${given.join("&")}`;
};

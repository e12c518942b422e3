import { createHash } from "node:crypto";
import type { Context } from "hono";

/** Returns a strong validator of a text (RFC 9110, 8.8.3). */
export const etagOf = (text: string): string =>
  `"${createHash("sha256").update(text).digest("base64url").slice(0, 27)}"`;

const opaque = (tag: string): string => tag.trim().replace(/^W\//, "");

/**
 * Tells whether the `If-None-Match` of a GET names this validator, by weak comparison (RFC 9110,
 * 13.1.2). If so, the answer is 304: the caller has it already.
 */
export const isKnown = ({ req }: Context, etag: string): boolean => {
  const given = req.header("if-none-match")?.trim();
  if (given === undefined) return false;
  return given === "*" || given.split(",").some((tag) => opaque(tag) === opaque(etag));
};

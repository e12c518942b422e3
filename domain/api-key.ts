import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** What the key of a sender may be used for. */
export const scopes = ["messages:write", "messages:read"] as const;
export type Scope = (typeof scopes)[number];

/** What the key of an operator may be used for. It belongs to no sender. */
export const operatorScopes = ["senders:write", "senders:read"] as const;
export type OperatorScope = (typeof operatorScopes)[number];

/** 256 bits of entropy, so a plain SHA-256 of the key is safe to store. */
export const keyEntropyBytes = 32;

const prefix = "prk_";
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const secretChars = 43;
const checksumChars = 6;
const keyIdChars = 12;

const base62 = (value: bigint, chars: number): string => {
  const digits = Array.from({ length: chars }, (_, place) => {
    const digit = (value / 62n ** BigInt(chars - 1 - place)) % 62n;
    return alphabet[Number(digit)];
  });
  return digits.join("");
};

const checksumOf = (text: string): string => base62(BigInt(crc32(text)), checksumChars);

/**
 * Returns the text of a key: a prefix for secret scanners, the entropy in base62, and a checksum,
 * so that a mistyped key is refused without reading the table.
 */
export const formatApiKey = (entropy: Uint8Array): string => {
  const secret = base62(BigInt(`0x${Buffer.from(entropy).toString("hex")}`), secretChars);
  return `${prefix}${secret}${checksumOf(prefix + secret)}`;
};

/** Tells whether a text has the form of a key. Whether the key exists, only the table knows. */
export const isApiKey = (text: string): boolean =>
  /^prk_[0-9A-Za-z]{49}$/.test(text) &&
  checksumOf(text.slice(0, -checksumChars)) === text.slice(-checksumChars);

/** Returns all that is stored of a key: the SHA-256 of its text, in base64url. */
export const hashApiKey = (key: string): string =>
  createHash("sha256").update(key).digest("base64url");

/** Returns what may be logged of a key: the beginning of its hash, enough to find it by. */
export const keyIdOf = (hash: string): string => hash.slice(0, keyIdChars);

/** Tells whether a key can have this id. */
export const isKeyId = (text: string): boolean =>
  /^[\w-]+$/.test(text) && text.length === keyIdChars;

/** A label is one line of text. It has no control characters, which a terminal would obey. */
export const labelPattern = /^[^\p{Cc}\p{Cs}]*$/u;

export type ApiKey = {
  readonly hash: string;
  /** Whose messages it opens. Absent: it is an operator's key, and opens no messages. */
  readonly senderId?: string;
  readonly scopes: readonly (Scope | OperatorScope)[];
  readonly label: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
};

/**
 * Tells whether a stored key may be used now: neither expired nor revoked. A revoked one may not,
 * whatever the time: `revokedAt` is by an operator's clock, which may be ahead of this one.
 */
export const isUsable = ({ expiresAt, revokedAt }: ApiKey, now: number): boolean =>
  revokedAt === undefined && (expiresAt === undefined || expiresAt > now);

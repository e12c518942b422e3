import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** What a key may be used for. */
export const scopes = ["messages:write", "messages:read"] as const;
export type Scope = (typeof scopes)[number];

/** 256 bits, so that a plain hash of the key is as good as it is. */
export const keyEntropyBytes = 32;

const prefix = "prk_";
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const secretChars = 43;
const checksumChars = 6;

const base62 = (value: bigint, chars: number): string => {
  const digits = Array.from({ length: chars }, (_, place) => {
    const digit = (value / 62n ** BigInt(chars - 1 - place)) % 62n;
    return alphabet[Number(digit)];
  });
  return digits.join("");
};

const checksumOf = (text: string): string => base62(BigInt(crc32(text)), checksumChars);

/**
 * The text of a key: a prefix by which secret scanners know it, 256 random bits in base62, and a
 * checksum, so that a mistyped key is refused without a look into the table.
 */
export const formatApiKey = (entropy: Uint8Array): string => {
  const secret = base62(BigInt(`0x${Buffer.from(entropy).toString("hex")}`), secretChars);
  return `${prefix}${secret}${checksumOf(prefix + secret)}`;
};

/** Whether this is a key at all: says nothing about whether anybody was given it. */
export const isApiKey = (text: string): boolean =>
  /^prk_[0-9A-Za-z]{49}$/.test(text) &&
  checksumOf(text.slice(0, -checksumChars)) === text.slice(-checksumChars);

/** All that is stored of a key: SHA-256 of its text, in base64url. */
export const hashApiKey = (key: string): string =>
  createHash("sha256").update(key).digest("base64url");

/** What may be logged of a key: enough of its hash to find it by. */
export const keyIdOf = (hash: string): string => hash.slice(0, 12);

export type ApiKey = {
  readonly hash: string;
  readonly senderId: string;
  readonly scopes: readonly Scope[];
  readonly label: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
};

/** Whether a stored key may be used now. */
export const isUsable = ({ expiresAt, revokedAt }: ApiKey, now: number): boolean =>
  (expiresAt === undefined || expiresAt > now) && (revokedAt === undefined || revokedAt > now);

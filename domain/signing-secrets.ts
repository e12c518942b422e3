import { createHash } from "node:crypto";
import { limits } from "./limits.ts";

/** A stored signing secret of a sender. `sealed` is its encrypted `whsec_` text. */
export type SigningSecret = {
  readonly sealed: string;
  readonly createdAt: number;
  /** When it stops signing. Set by the rotation that replaced it. */
  readonly expiresAt?: number;
};

/** The secrets of a sender, newest first. There is always one. */
export type SigningSecrets = readonly [SigningSecret, ...SigningSecret[]];

/** Returns what a stored secret may be called by: a hash of its encrypted text, which tells nothing. */
export const secretIdOf = ({ sealed }: SigningSecret): string =>
  createHash("sha256").update(sealed).digest("base64url").slice(0, 12);

/** The length of a new signing secret: that of the hash's output (RFC 2104, 3). */
export const signingSecretBytes = 32;

/** How long a replaced secret keeps signing by default. */
export const overlapMsDefault = 24 * 3_600_000;

/** Returns the secrets that sign now, newest first. */
export const signingAt = (
  secrets: readonly SigningSecret[],
  now: number,
): readonly SigningSecret[] =>
  secrets.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);

/** The result of a rotation, or a refusal because too many secrets still sign. */
export type Rotation =
  | { readonly kind: "rotated"; readonly secrets: SigningSecrets }
  | { readonly kind: "too-many" };

/**
 * Puts `next` first. The previous secrets keep signing until the overlap ends, and none longer than
 * promised before; secrets that no longer sign are dropped. With an overlap of zero only `next` is
 * left: use that for a leaked secret.
 *
 * Refuses to keep too many secrets: dropping one that still signs would break its receivers.
 */
export const rotate = (
  secrets: readonly SigningSecret[],
  next: SigningSecret,
  overlapMs = overlapMsDefault,
): Rotation => {
  const now = next.createdAt;
  const endsAt = now + overlapMs;
  const ending = secrets.map((secret) => ({
    ...secret,
    expiresAt: Math.min(secret.expiresAt ?? endsAt, endsAt),
  }));
  const others = signingAt(ending, now);
  return others.length < limits.signingSecretsMax
    ? { kind: "rotated", secrets: [next, ...others] }
    : { kind: "too-many" };
};

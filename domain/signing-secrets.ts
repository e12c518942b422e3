import { limits } from "./limits.ts";

/** A signing secret of a sender as it is stored: `sealed` holds its `whsec_` text. */
export type SigningSecret = {
  readonly sealed: string;
  readonly createdAt: number;
  /** Until when it still signs, once another has taken its place. */
  readonly expiresAt?: number;
};

/** The secrets of a sender, newest first: there is always one. */
export type SigningSecrets = readonly [SigningSecret, ...SigningSecret[]];

/** How long a new signing secret is: as long as the hash it keys (RFC 2104, 3). */
export const signingSecretBytes = 32;

/** For how long a secret still signs after its rotation, where nobody says otherwise. */
export const overlapMsDefault = 24 * 3_600_000;

/** The secrets that sign now, in the order in which they sign: newest first. */
export const signingAt = (
  secrets: readonly SigningSecret[],
  now: number,
): readonly SigningSecret[] =>
  secrets.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);

/** What a rotation leaves; or more receivers still hold an older secret than can be signed for. */
export type Rotation =
  | { readonly kind: "rotated"; readonly secrets: SigningSecrets }
  | { readonly kind: "too-many" };

/**
 * Puts `next` first. All others sign for `overlapMs` more, and none for longer than it was promised
 * before; those that sign no more are dropped. So an overlap of zero leaves `next` alone, which is
 * what a secret that got about asks for.
 *
 * Too many is refused: dropping one that still signs would break a promise to whoever holds it.
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

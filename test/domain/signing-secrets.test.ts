import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { limits } from "../../domain/limits.ts";
import { rotate, type SigningSecret, signingAt } from "../../domain/signing-secrets.ts";
import { dayMs, hourMs, t0 } from "../support/messages.ts";

const first: SigningSecret = { sealed: "first", createdAt: t0 - 9 * dayMs };
const second: SigningSecret = { sealed: "second", createdAt: t0 };

const secretsAfter = (
  secrets: readonly SigningSecret[],
  next: SigningSecret,
  overlapMs?: number,
) => {
  const rotation = rotate(secrets, next, overlapMs);
  return rotation.kind === "rotated" ? rotation.secrets : [];
};
const namesOf = (secrets: readonly SigningSecret[]) => secrets.map(({ sealed }) => sealed);

describe("A secret signs", () => {
  test("a secret signs for ever unless it is replaced", () => {
    expect(signingAt([first], t0 + 999 * dayMs)).toEqual([first]);
  });

  test("a replaced secret signs until it expires, and not at that moment", () => {
    const secrets = [second, { ...first, expiresAt: t0 + hourMs }];

    expect(namesOf(signingAt(secrets, t0 + hourMs - 1))).toEqual(["second", "first"]);
    expect(namesOf(signingAt(secrets, t0 + hourMs))).toEqual(["second"]);
  });
});

describe("A rotation", () => {
  test("puts the new secret first, and lets the old one sign for a day more", () => {
    const secrets = secretsAfter([first], second);

    expect(secrets).toEqual([second, { ...first, expiresAt: t0 + dayMs }]);
  });

  test("lets the old one sign for as long as is said", () => {
    expect(secretsAfter([first], second, 7 * dayMs)[1]?.expiresAt).toBe(t0 + 7 * dayMs);
  });

  test("without an overlap leaves the new secret alone, whatever else there was", () => {
    const older = { sealed: "older", createdAt: t0 - 10 * dayMs, expiresAt: t0 + hourMs };

    expect(secretsAfter([first, older], second, 0)).toEqual([second]);
  });

  test("drops what signs no more, and leaves what still does its time", () => {
    const ending = { sealed: "ending", createdAt: t0 - 10 * dayMs, expiresAt: t0 + 1 };
    const ended = { sealed: "ended", createdAt: t0 - 11 * dayMs, expiresAt: t0 };

    const secrets = secretsAfter([first, ending, ended], second);

    expect(secrets).toEqual([second, { ...first, expiresAt: t0 + dayMs }, ending]);
  });

  test("gives a sender without secrets its first", () => {
    expect(secretsAfter([], first)).toEqual([first]);
  });

  test("is refused while as many sign as may, and goes through when one has expired", () => {
    const inUse = Array.from({ length: limits.signingSecretsMax - 1 }, (_, index) => ({
      sealed: `old-${index}`,
      createdAt: t0 - dayMs,
      expiresAt: t0 + hourMs - index,
    }));
    const atOnce = rotate([first, ...inUse], second);
    const later = rotate([first, ...inUse], { ...second, createdAt: t0 + hourMs - 3 });

    expect(atOnce).toEqual({ kind: "too-many" });
    expect(later).toMatchObject({ kind: "rotated", secrets: { length: limits.signingSecretsMax } });
  });

  test("never lets a secret sign longer than was promised, and always signs with the newest", () => {
    const steps = fc.array(fc.record({ afterMs: fc.nat(2 * dayMs), overlapMs: fc.nat(3 * dayMs) }));

    fc.assert(
      fc.property(steps, (rotations) => {
        let now = t0;
        let secrets: readonly SigningSecret[] = [first];
        for (const [index, { afterMs, overlapMs }] of rotations.entries()) {
          now += afterMs;
          const before = new Map(secrets.map((secret) => [secret.sealed, secret.expiresAt]));
          const next = { sealed: `secret-${index}`, createdAt: now };
          const rotation = rotate(secrets, next, overlapMs);
          if (rotation.kind === "too-many") continue;
          secrets = rotation.secrets;

          expect(secrets[0]).toEqual(next);
          expect(secrets.length).toBeLessThanOrEqual(limits.signingSecretsMax);
          for (const { sealed, expiresAt = 0 } of secrets.slice(1)) {
            expect(expiresAt).toBeGreaterThan(now);
            expect(expiresAt).toBeLessThanOrEqual(before.get(sealed) ?? now + overlapMs);
          }
        }
      }),
    );
  });
});

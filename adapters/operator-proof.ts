import { createHmac, timingSafeEqual } from "node:crypto";
import { secretBytes } from "./chance.ts";
import type { OperatorAccess } from "./operator-file.ts";

/** The header in which a caller sends a challenge, and the one in which it gets the proof. */
export const challengeHeader = "x-postrider-challenge";
export const proofHeader = "x-postrider-proof";

/** Returns the proof, for one challenge, of knowing an access key id. It does not tell the id. */
export const proofOf = (accessKeyId: string, challenge: string): Buffer =>
  createHmac("sha256", accessKeyId).update(challenge).digest();

/**
 * Who listens at the address of an access: the edition that wrote it (`own`), another process or
 * nobody (`gone`), or somebody who gave no answer in `withinMs` (`silent`).
 */
export type Listener = "own" | "gone" | "silent";

/**
 * Asks whoever listens at the address of an access to prove that they know its secret. The secret
 * is not sent: a killed edition leaves its file behind, and any process may have its port by now.
 */
export const listenerAt = async (
  { endpoint, accessKeyId }: OperatorAccess,
  withinMs: number,
): Promise<Listener> => {
  const challenge = Buffer.from(secretBytes(16)).toString("hex");
  try {
    const answer = await fetch(endpoint, {
      headers: { [challengeHeader]: challenge },
      redirect: "error",
      signal: AbortSignal.timeout(withinMs),
    });
    await answer.body?.cancel();
    const proof = Buffer.from(answer.headers.get(proofHeader) ?? "", "hex");
    const expected = proofOf(accessKeyId, challenge);
    const isOwn = proof.length === expected.length && timingSafeEqual(proof, expected);
    return isOwn ? "own" : "gone";
  } catch (error) {
    return (error as Error).name === "TimeoutError" ? "silent" : "gone";
  }
};

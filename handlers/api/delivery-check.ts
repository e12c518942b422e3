import type { Context } from "hono";
import { isSenderId } from "../../domain/ids.ts";
import { isSignedBy } from "../../domain/signature.ts";
import { type SecretsOf, secretsReader } from "../signing.ts";
import type { ApiEnv } from "./env.ts";
import { readBody } from "./read-body.ts";

export type DeliveryCheckDeps = Parameters<typeof secretsReader>[0];

/** How far the time of a signature may be from now (Standard Webhooks). */
const toleranceMs = 300_000;
/** A check has next to nothing in it. */
const bodyBytesMax = 4096;
/** More signatures than there may be secrets: whoever sends them is not one of our workers. */
const signatureCharsMax = 1024;

type Signed = {
  readonly id: string;
  readonly timestampSeconds: number;
  readonly signature: string;
  readonly senderId: string;
};

/** Returns what a delivery says of itself; `undefined` for what cannot be one of now. */
const signedIn = (context: Context<ApiEnv>, now: number): Signed | undefined => {
  const header = (name: string): string => context.req.header(name) ?? "";
  const [id, signature] = [header("webhook-id"), header("webhook-signature")];
  const [timestamp, senderId] = [header("webhook-timestamp"), header("postrider-sender-id")];
  if (!/^\d{1,12}$/.test(timestamp) || !isSenderId(senderId) || id === "") return undefined;
  const timestampSeconds = Number(timestamp);
  if (Math.abs(now - timestampSeconds * 1000) > toleranceMs) return undefined;
  return signature.length <= signatureCharsMax
    ? { id, timestampSeconds, signature, senderId }
    : undefined;
};

/** A sender that does not exist has no secrets, and signs nothing. */
const secretsOrNone = async (
  secretsOf: SecretsOf,
  senderId: string,
): Promise<readonly string[]> => {
  try {
    return await secretsOf(senderId);
  } catch (error) {
    if ((error as { code?: unknown }).code === "SENDER_UNSIGNED") return [];
    throw error;
  }
};

/**
 * Returns a receiver of our own, with which a deployment is tried: `postrider doctor --deployed`.
 * Tells whether a request is a delivery of this deployment, signed as a receiver of its sender
 * verifies it.
 */
export const deliveryCheck = (deps: DeliveryCheckDeps) => {
  const secretsOf = secretsReader(deps);
  return async (context: Context<ApiEnv>): Promise<boolean> => {
    const signed = signedIn(context, deps.clock());
    if (!signed) return false;
    const body = new Uint8Array(await readBody(context, bodyBytesMax));
    const secrets = await secretsOrNone(secretsOf, signed.senderId);
    return isSignedBy(signed.signature, { ...signed, body, secrets });
  };
};

import type { ApiKey } from "../../domain/api-key.ts";
import type { Sender } from "../../entities/sender.ts";
import { type EnrolAsked, type EnrolDeps, enrolWith } from "../enrol.ts";
import { revokeKey } from "./keys.ts";

/** A sender with the texts of its first key and signing secret, which are not stored. */
export type SenderCreated = {
  readonly kind: "created";
  readonly sender: Sender;
  readonly signingSecret: string;
  readonly key: ApiKey;
  readonly apiKey: string;
};

/**
 * Creates a sender of which the caller has seen that it does not exist, with its first key, whose text
 * is `apiKey`, and `whsec`, a valid signing secret. Changes nothing of one that exists after all, but
 * that it then has a revoked key more.
 */
export const createSender = async (
  deps: EnrolDeps,
  asked: EnrolAsked,
  { apiKey, whsec }: { readonly apiKey: string; readonly whsec: string },
): Promise<SenderCreated | { readonly kind: "exists" }> => {
  const { key, given } = await enrolWith(deps, asked, { apiKey, whsec });
  if (given)
    return { kind: "created", sender: given.sender, signingSecret: given.whsec, key, apiKey };
  // Another request was faster, and this key is one too many. A crash before it is revoked leaves a
  // key of the sender that is listed and that nobody has.
  await revokeKey(deps, key.hash);
  return { kind: "exists" };
};

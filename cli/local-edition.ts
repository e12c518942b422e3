import { join, resolve } from "node:path";
import * as z from "zod";
import { readOperatorAccess } from "../adapters/operator-file.ts";
import { type Listener, listenerAt } from "../adapters/operator-proof.ts";
import { readIfThere } from "../adapters/private-file.ts";
import type { Profile } from "./profiles.ts";

const answerWithinMs = 5000;

const schema = z.object({
  url: z.string(),
  senderId: z.string(),
  apiKey: z.string(),
  operatorKey: z.string(),
  signingSecret: z.string(),
  signInUrl: z.string().optional(),
});

/** A local edition that runs, as it wrote it down. */
export type Running = {
  readonly kind: "running";
  readonly profile: Profile;
  readonly signingSecret: string;
  /** Signs in to the dashboard, once. */
  readonly signInUrl: string | undefined;
};

/** The local edition that runs with a data directory, or why there is none. */
export type Found = Running | { readonly kind: Exclude<Listener, "own">; readonly dataDir: string };

/**
 * Finds the local edition that runs with a data directory. A killed edition leaves its files behind,
 * and any process may have its port by now: so no key is sent before the edition has proved that it
 * is the one which wrote them.
 */
export const findLocalEdition = async (given: string): Promise<Found> => {
  const dataDir = resolve(given);
  const access = await readOperatorAccess(dataDir).catch(() => undefined);
  const listener = access ? await listenerAt(access, answerWithinMs) : "gone";
  if (listener !== "own") return { kind: listener, dataDir };
  const text = await readIfThere(join(dataDir, "local.json")).catch(() => undefined);
  const facts = factsIn(text);
  if (!facts) return { kind: "gone", dataDir };
  const { url, senderId, apiKey: key, operatorKey, signingSecret, signInUrl } = facts;
  const profile = { url, senderId, key, operatorKey };
  return { kind: "running", profile, signingSecret, signInUrl };
};

/** The file is removed first when an edition stops, and its table answers a little longer. */
const factsIn = (text: string | undefined): z.infer<typeof schema> | undefined => {
  try {
    return schema.safeParse(JSON.parse(text ?? "")).data;
  } catch {
    return undefined;
  }
};

import { masterKeyVault } from "../../adapters/vault.ts";
import { formatApiKey, scopes } from "../../domain/api-key.ts";
import { formatSecret } from "../../domain/signature.ts";
import { enrolNew } from "../../handlers/enrol.ts";
import { type Actor, asActor } from "./actor.ts";
import { inMemory } from "./backing.ts";
import type { Fields } from "./items.ts";
import { enter, undisturbed } from "./outside.ts";
import { masterKey } from "./service.ts";

/** Where the clock of every run begins. */
export const start = Date.parse("2026-03-01T12:00:00Z");

export const senderId = "shop";
export const apiKey = formatApiKey(Buffer.alloc(32, "api key of the simulation"));
export const signingSecret = formatSecret(Buffer.alloc(32, "signing secret of the simulation"));

/** Writes through the product's stores, with nobody else about, and says what is in the table then. */
const writtenBy = async (write: () => Promise<void>): Promise<readonly Fields[]> => {
  const table = inMemory.openTable();
  enter(undisturbed);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  asActor({ name: "operator" } as Actor, () => void write().then(resolve, reject));
  await promise;
  return table.items();
};

const seeded = (): Promise<readonly Fields[]> => {
  const deps = { ...inMemory.stores, vault: masterKeyVault([masterKey]), clock: () => start };
  const key = { senderId, scopes, label: "simulation" };
  return writtenBy(async () => {
    await enrolNew(deps, key, { apiKey, whsec: signingSecret });
  });
};

let items: Promise<readonly Fields[]> | undefined;

/** What every run finds in its table: one sender, with a key and a signing secret. */
export const seedItems = (): Promise<readonly Fields[]> => {
  items ??= seeded();
  return items;
};

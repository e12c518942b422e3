import type { ApiKey } from "../domain/api-key.ts";
import { loadEntities } from "./load-entities.ts";
import { type Item, itemOf } from "./raw-item.ts";
import { type NamesOf, readItem, storedIn } from "./read-item.ts";
import { conditionalGo, type Storage } from "./storage.ts";
import { tableDescription } from "./table.ts";

const { key } = tableDescription;

// Every request asks for a key, so it is read without ElectroDB, as its entity would read it.
const keyOf = (hash: string): Item =>
  itemOf({ [key.pk]: `$postrider#hash_${hash}`, [key.sk]: "$apiKey_1" });
const names: NamesOf<ApiKey> = {
  ...{ hash: true, senderId: true, scopes: true, label: true },
  ...{ createdAt: true, expiresAt: true, revokedAt: true },
};

export type ApiKeyStore = {
  /** Stores a new key. Does not change an existing one. */
  readonly create: (apiKey: ApiKey) => Promise<void>;
  readonly get: (hash: string) => Promise<ApiKey | undefined>;
  /** Revokes a key, unless it is revoked already. Cached copies work until they expire (60 s). */
  readonly revoke: (hash: string, now: number) => Promise<void>;
  /** Ends a key at a time, unless it ends sooner anyway or is revoked. */
  readonly endAt: (hash: string, time: number) => Promise<void>;
  /** Takes back an end that is still to come. What has ended, or is revoked, stays so. */
  readonly keep: (hash: string, now: number) => Promise<void>;
};

export const apiKeyStore = (storage: Storage): ApiKeyStore => {
  const entity = async () => (await loadEntities()).apiKeyEntity(storage);
  return {
    create: async (apiKey) => {
      await (await entity()).create(apiKey).go(conditionalGo);
    },
    get: async (hash) => {
      const item = await readItem(storage, keyOf(hash));
      return item && storedIn(item, "apiKey", names);
    },
    revoke: async (hash, now) => {
      await (await entity())
        .patch({ hash })
        .set({ revokedAt: now })
        .where(({ revokedAt }, { notExists }) => notExists(revokedAt))
        .go(conditionalGo);
    },
    endAt: async (hash, time) => {
      await (await entity())
        .patch({ hash })
        .set({ expiresAt: time })
        .where(
          (at, { notExists, gt }) =>
            `${notExists(at.revokedAt)} AND (${notExists(at.expiresAt)} OR ${gt(at.expiresAt, time)})`,
        )
        .go(conditionalGo);
    },
    keep: async (hash, now) => {
      await (await entity())
        .patch({ hash })
        .remove(["expiresAt"])
        .where((at, { notExists, gt }) => `${notExists(at.revokedAt)} AND ${gt(at.expiresAt, now)}`)
        .go(conditionalGo);
    },
  };
};

import { CustomAttributeType } from "electrodb";
import type { ApiKey } from "../domain/api-key.ts";
import {
  casing,
  conditionalGo,
  type Described,
  goOptions,
  oncePerStorage,
  type Storage,
  service,
} from "./storage.ts";
import { tableDescription } from "./table.ts";

const { key } = tableDescription;

export const apiKeyEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity(
      {
        model: { service, entity: "apiKey", version: "1" },
        attributes: {
          hash: { type: "string", required: true, readOnly: true },
          senderId: { type: "string", readOnly: true },
          scopes: { type: CustomAttributeType<ApiKey["scopes"]>("any"), required: true },
          label: { type: "string", required: true },
          createdAt: { type: "number", required: true, readOnly: true },
          expiresAt: { type: "number" },
          revokedAt: { type: "number" },
        },
        indexes: {
          primary: {
            pk: { field: key.pk, composite: ["hash"], casing },
            sk: { field: key.sk, composite: [], casing },
          },
        },
      } as const,
      { client, table },
    ),
);

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
  const entity = apiKeyEntity(storage);
  return {
    create: async (apiKey) => {
      await entity.create(apiKey).go(conditionalGo);
    },
    get: async (hash) => {
      const { data } = await entity.get({ hash }).go({ ...goOptions, consistent: true });
      return data ?? undefined;
    },
    revoke: async (hash, now) => {
      await entity
        .patch({ hash })
        .set({ revokedAt: now })
        .where(({ revokedAt }, { notExists }) => notExists(revokedAt))
        .go(conditionalGo);
    },
    endAt: async (hash, time) => {
      await entity
        .patch({ hash })
        .set({ expiresAt: time })
        .where(
          (at, { notExists, gt }) =>
            `${notExists(at.revokedAt)} AND (${notExists(at.expiresAt)} OR ${gt(at.expiresAt, time)})`,
        )
        .go(conditionalGo);
    },
    keep: async (hash, now) => {
      await entity
        .patch({ hash })
        .remove(["expiresAt"])
        .where((at, { notExists, gt }) => `${notExists(at.revokedAt)} AND ${gt(at.expiresAt, now)}`)
        .go(conditionalGo);
    },
  };
};

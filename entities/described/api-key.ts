import { CustomAttributeType } from "electrodb";
import type { ApiKey } from "../../domain/api-key.ts";
import { tableDescription } from "../table.ts";
import { casing, type Described, oncePerStorage, service } from "./parts.ts";

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

import { CustomAttributeType } from "electrodb";
import { tableDescription } from "../table.ts";
import { casing, type Described, oncePerStorage, service } from "./parts.ts";

const { key } = tableDescription;

export const senderEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity(
      {
        model: { service, entity: "sender", version: "1" },
        attributes: {
          senderId: { type: "string", required: true, readOnly: true },
          createdAt: { type: "number", required: true, readOnly: true },
          scheduleMs: { type: CustomAttributeType<readonly number[]>("any") },
          maxAttempts: { type: "number" },
          timeoutMs: { type: "number" },
          retentionDays: { type: "number" },
          // Described, not `any`: a condition refers to its content.
          signingSecrets: {
            type: "list",
            items: {
              type: "map",
              properties: {
                sealed: { type: "string", required: true },
                createdAt: { type: "number", required: true },
                expiresAt: { type: "number" },
              },
            },
          },
        },
        indexes: {
          primary: {
            pk: { field: key.pk, composite: ["senderId"], casing },
            sk: { field: key.sk, composite: [], casing },
          },
        },
      } as const,
      { client, table },
    ),
);

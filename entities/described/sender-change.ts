import { CustomAttributeType } from "electrodb";
import { type SenderChange, senderChanges } from "../../domain/sender-change.ts";
import type { DefaultsChange } from "../sender.ts";
import { tableDescription } from "../table.ts";
import { casing, type Described, oncePerStorage, service } from "./parts.ts";

const { key } = tableDescription;

export const senderChangeEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity(
      {
        model: { service, entity: "senderChange", version: "1" },
        attributes: {
          senderId: { type: "string", required: true },
          entryId: { type: "string", required: true },
          change: { type: senderChanges as readonly SenderChange[], required: true },
          at: { type: "number", required: true },
          keyId: { type: "string" },
          address: { type: "string" },
          deployment: { type: "string" },
          madeKeyId: { type: "string" },
          revokedKeyId: { type: "string" },
          defaults: { type: CustomAttributeType<DefaultsChange>("any") },
          overlapMs: { type: "number" },
          refused: { type: "boolean" },
          ttl: { type: "number", required: true },
        },
        indexes: {
          primary: {
            pk: { field: key.pk, composite: ["senderId"], casing },
            sk: { field: key.sk, composite: ["entryId"], casing },
          },
        },
      } as const,
      { client, table },
    ),
);

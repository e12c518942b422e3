import { tableDescription } from "../table.ts";
import { casing, type Described, oncePerStorage, service } from "./parts.ts";

const { key } = tableDescription;

export const keyEntryEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity(
      {
        model: { service, entity: "keyEntry", version: "1" },
        attributes: {
          senderId: { type: "string", required: true, readOnly: true },
          keyId: { type: "string", required: true, readOnly: true },
          hash: { type: "string", required: true, readOnly: true },
        },
        indexes: {
          primary: {
            // The partition of the sender.
            pk: { field: key.pk, composite: ["senderId"], casing },
            sk: { field: key.sk, composite: ["keyId"], casing },
          },
        },
      } as const,
      { client, table },
    ),
);

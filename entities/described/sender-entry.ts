import { list } from "../sender-entry.ts";
import { tableDescription } from "../table.ts";
import { casing, type Described, oncePerStorage, service } from "./parts.ts";

const { key } = tableDescription;

export const senderEntryEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity(
      {
        model: { service, entity: "senderEntry", version: "1" },
        attributes: {
          list: { type: [list] as const, required: true, readOnly: true },
          senderId: { type: "string", required: true, readOnly: true },
        },
        indexes: {
          primary: {
            pk: { field: key.pk, composite: ["list"], casing },
            sk: { field: key.sk, composite: ["senderId"], casing },
          },
        },
      } as const,
      { client, table },
    ),
);

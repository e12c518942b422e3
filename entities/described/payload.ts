import { CustomAttributeType } from "electrodb";
import { tableDescription } from "../table.ts";
import {
  casing,
  type Described,
  headersAttribute,
  messageIdAttribute,
  oncePerStorage,
  service,
} from "./parts.ts";

const { key } = tableDescription;

export const payloadEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity(
      {
        model: { service, entity: "payload", version: "1" },
        attributes: {
          senderId: { type: "string", required: true },
          messageId: messageIdAttribute,
          fingerprint: { type: "string", required: true },
          headers: headersAttribute,
          body: { type: CustomAttributeType<Uint8Array>("any") },
          ttl: { type: "number", required: true },
        },
        indexes: {
          primary: {
            collection: "history",
            pk: { field: key.pk, composite: ["senderId", "messageId"], casing },
            sk: { field: key.sk, composite: ["fingerprint"], casing },
          },
        },
      } as const,
      { client, table },
    ),
);

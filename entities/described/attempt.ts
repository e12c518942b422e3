import { numberChars } from "../attempt.ts";
import { tableDescription } from "../table.ts";
import { casing, type Described, messageIdAttribute, oncePerStorage, service } from "./parts.ts";

const { key } = tableDescription;

export const attemptEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity(
      {
        model: { service, entity: "attempt", version: "1" },
        attributes: {
          senderId: { type: "string", required: true },
          messageId: messageIdAttribute,
          number: { type: "number", required: true, padding: { length: numberChars, char: "0" } },
          submitId: { type: "string", required: true },
          startedAt: { type: "number", required: true },
          durationMs: { type: "number", required: true },
          timings: {
            type: "map",
            properties: {
              dnsMs: { type: "number" },
              connectMs: { type: "number" },
              tlsMs: { type: "number" },
              firstByteMs: { type: "number" },
            },
          },
          class: { type: "string", required: true },
          status: { type: "number" },
          responseText: { type: "string" },
          ttl: { type: "number", required: true },
        },
        indexes: {
          primary: {
            collection: "history",
            pk: { field: key.pk, composite: ["senderId", "messageId"], casing },
            sk: { field: key.sk, composite: ["number"], casing },
          },
        },
      } as const,
      { client, table },
    ),
);

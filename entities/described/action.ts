import { CustomAttributeType } from "electrodb";
import { type Action, actions } from "../../domain/actions.ts";
import { statuses } from "../../domain/message.ts";
import type { ReplayAsked } from "../../domain/replay.ts";
import { tableDescription } from "../table.ts";
import { casing, type Described, messageIdAttribute, oncePerStorage, service } from "./parts.ts";

const { key } = tableDescription;

export const actionEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity(
      {
        model: { service, entity: "action", version: "1" },
        attributes: {
          senderId: { type: "string", required: true },
          messageId: messageIdAttribute,
          entryId: { type: "string", required: true },
          submitId: { type: "string", required: true },
          action: { type: actions as readonly Action[], required: true },
          at: { type: "number", required: true },
          keyId: { type: "string" },
          address: { type: "string" },
          jobId: { type: "string" },
          found: { type: statuses, required: true },
          replays: { type: "number", required: true },
          asked: { type: CustomAttributeType<ReplayAsked>("any") },
          refused: { type: "boolean" },
          ttl: { type: "number", required: true },
        },
        indexes: {
          primary: {
            collection: "history",
            pk: { field: key.pk, composite: ["senderId", "messageId"], casing },
            sk: { field: key.sk, composite: ["entryId"], casing },
          },
        },
      } as const,
      { client, table },
    ),
);

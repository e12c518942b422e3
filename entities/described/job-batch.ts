import { CustomAttributeType } from "electrodb";
import { tableDescription } from "../table.ts";
import { casing, type Described, oncePerStorage, service } from "./parts.ts";

const { key } = tableDescription;

export const jobBatchEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity(
      {
        model: { service, entity: "jobBatch", version: "1" },
        attributes: {
          senderId: { type: "string", required: true },
          jobId: { type: "string", required: true },
          // Part of a sort key, which is text: padded to sort as a number.
          takenAs: { type: "number", required: true, padding: { length: 9, char: "0" } },
          messageIds: { type: CustomAttributeType<readonly string[]>("any"), required: true },
          ttl: { type: "number", required: true },
        },
        indexes: {
          primary: {
            pk: { field: key.pk, composite: ["senderId"], casing },
            sk: { field: key.sk, composite: ["jobId", "takenAs"], casing },
          },
        },
      } as const,
      { client, table },
    ),
);

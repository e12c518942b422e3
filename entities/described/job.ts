import { CustomAttributeType } from "electrodb";
import {
  type Canary,
  type JobAction,
  type JobChange,
  type JobPlan,
  type JobStatus,
  jobActions,
  jobStatuses,
} from "../../domain/job.ts";
import type { ListFilter } from "../../domain/list-filter.ts";
import type { Entry } from "../../domain/listing.ts";
import { tableDescription } from "../table.ts";
import { casing, type Described, oncePerStorage, service } from "./parts.ts";

const { key } = tableDescription;
const texts = CustomAttributeType<readonly string[]>("any");

export const jobEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity(
      {
        model: { service, entity: "job", version: "1" },
        attributes: {
          senderId: { type: "string", required: true },
          jobId: { type: "string", required: true },
          action: { type: jobActions as readonly JobAction[], required: true },
          filter: { type: CustomAttributeType<ListFilter>("any"), required: true },
          attempts: { type: "number" },
          ratePerSecond: { type: "number", required: true },
          canary: { type: CustomAttributeType<Canary>("any") },
          createdAt: { type: "number", required: true },
          before: { type: "number", required: true },
          plan: { type: CustomAttributeType<JobPlan>("any"), required: true },
          keyId: { type: "string" },
          address: { type: "string" },

          status: { type: jobStatuses as readonly JobStatus[], required: true },
          updatedAt: { type: "number", required: true },
          endedAt: { type: "number" },
          changes: { type: CustomAttributeType<readonly JobChange[]>("any"), required: true },
          done: { type: "number", required: true },
          failed: { type: "number", required: true },
          position: { type: CustomAttributeType<Entry>("any") },
          isListRead: { type: "boolean" },
          readings: { type: "number", required: true },
          taken: { type: "number", required: true },
          batch: { type: texts, required: true },
          takenAs: { type: "number" },
          tries: { type: "number", required: true },
          stage: { type: "number", required: true },
          sample: { type: texts, required: true },
          paceAt: { type: "number", required: true },

          // The attributes of the due index, which holds whatever the dispatcher must look at.
          dueAt: { type: "number" },
          dueShard: { type: "string" },
          revision: { type: "number", required: true },
          writeId: { type: "string", required: true },
          ttl: { type: "number", required: true },
        },
        indexes: {
          primary: {
            pk: { field: key.pk, composite: ["senderId"], casing },
            sk: { field: key.sk, composite: ["jobId"], casing },
          },
        },
      } as const,
      { client, table },
    ),
);

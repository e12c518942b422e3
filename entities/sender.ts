import { Entity } from "electrodb";
import { casing, plainly, type Storage, service } from "./storage.ts";
import { tableDescription } from "./table.ts";

const { key } = tableDescription;

/** A party that may submit, and what holds for its messages where they do not say otherwise. */
export type Sender = {
  readonly senderId: string;
  readonly createdAt: number;
  readonly scheduleMs?: readonly number[];
  readonly maxAttempts?: number;
  readonly timeoutMs?: number;
  readonly retentionDays?: number;
};

export const senderEntity = ({ client, table }: Storage) =>
  new Entity(
    {
      model: { service, entity: "sender", version: "1" },
      attributes: {
        senderId: { type: "string", required: true, readOnly: true },
        createdAt: { type: "number", required: true, readOnly: true },
        scheduleMs: { type: "any" },
        maxAttempts: { type: "number" },
        timeoutMs: { type: "number" },
        retentionDays: { type: "number" },
      },
      indexes: {
        primary: {
          pk: { field: key.pk, composite: ["senderId"], casing },
          sk: { field: key.sk, composite: [], casing },
        },
      },
    } as const,
    { client, table },
  );

export type SenderStore = {
  /** Stores a new sender; one that is there stays as it is. */
  readonly create: (sender: Sender) => Promise<void>;
  readonly get: (senderId: string) => Promise<Sender | undefined>;
};

export const senderStore = (storage: Storage): SenderStore => {
  const entity = senderEntity(storage);
  return {
    create: async (sender) => {
      await entity.create(sender).go({ ...plainly, returnOnConditionCheckFailure: "all_old" });
    },
    get: async (senderId) => {
      const { data } = await entity.get({ senderId }).go({ ...plainly, consistent: true });
      return (data as Sender | null) ?? undefined;
    },
  };
};

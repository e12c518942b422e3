import { CustomAttributeType } from "electrodb";
import { type SenderChange, senderChanges } from "../domain/sender-change.ts";
import type { DefaultsChange } from "./sender.ts";
import {
  casing,
  conditionalGo,
  type Described,
  goOptions,
  oncePerStorage,
  type Storage,
  service,
} from "./storage.ts";
import { tableDescription } from "./table.ts";

const { key } = tableDescription;

/**
 * What an operator or a deployment did to a sender. It is stored before the change is made: a change never lacks
 * its entry, and an entry whose change was not made is `refused`, or its process died.
 */
export type SenderChangeEntry = {
  readonly senderId: string;
  /** Sorts by time. */
  readonly entryId: string;
  readonly change: SenderChange;
  readonly at: number;
  /** The key of the operator. Absent where a deployment did it. */
  readonly keyId?: string;
  readonly address?: string;
  /** The stack of CloudFormation whose deployment did it, by its name and the resource in it. */
  readonly deployment?: string;
  /** The key that was to be made or revoked, by its id. */
  readonly madeKeyId?: string;
  readonly revokedKeyId?: string;
  /** The defaults that were to change. */
  readonly defaults?: DefaultsChange;
  /** How long what was replaced was to stay valid, if that was said. */
  readonly overlapMs?: number;
  readonly refused?: boolean;
  readonly ttl: number;
};

const senderChangeEntity = oncePerStorage(
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

export type SenderChangeStore = {
  /** Stores an entry. Storing it again changes nothing. */
  readonly record: (entry: SenderChangeEntry) => Promise<void>;
  /** Marks an entry whose change was refused. */
  readonly refuse: (entry: Pick<SenderChangeEntry, "senderId" | "entryId">) => Promise<void>;
  /** Returns entries of a sender, the newest first, of which the table examines at most `limit`. */
  readonly page: (
    senderId: string,
    ask: { readonly after: string | null; readonly limit: number },
    now: number,
  ) => Promise<{ readonly items: readonly SenderChangeEntry[]; readonly next: string | null }>;
};

const withoutUndefined = (defaults: DefaultsChange): DefaultsChange =>
  Object.fromEntries(Object.entries(defaults).filter(([, value]) => value !== undefined));

export const senderChangeStore = (storage: Storage): SenderChangeStore => {
  const entity = senderChangeEntity(storage);
  return {
    record: async ({ defaults, ...entry }) => {
      // ElectroDB leaves out what is undefined at the top alone.
      const given = defaults && { defaults: withoutUndefined(defaults) };
      await entity.create({ ...entry, ...given }).go(conditionalGo);
    },
    refuse: async ({ senderId, entryId }) => {
      await entity.patch({ senderId, entryId }).set({ refused: true }).go(conditionalGo);
    },
    page: async (senderId, { after, limit }, now) => {
      const page = { cursor: after, limit, pages: 1, order: "desc", consistent: true } as const;
      const { data, cursor } = await entity.query
        .primary({ senderId })
        .go({ ...goOptions, ...page });
      return { items: data.filter(({ ttl }) => ttl * 1000 > now), next: cursor };
    },
  };
};

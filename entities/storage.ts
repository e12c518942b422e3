import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CustomAttributeType, Entity } from "electrodb";
import { idInKey, idOfKey } from "../domain/ids.ts";
import type { MessageKey } from "../domain/message.ts";
import type { Fields } from "../domain/message-shape.ts";

/** The table of the entities, and the client to reach it. */
export type Storage = {
  readonly client: DynamoDBClient;
  readonly table: string;
  /**
   * Up to which size of its item a message keeps its body: by default a write unit, so that none
   * of its changes of state costs more. An engine that counts no units may take more.
   */
  readonly inlineItemBytesMax?: number;
};

/**
 * A storage that may bring what makes the entities of descriptions: ElectroDB's own by default. The
 * simulation brings one that means the same without an SDK. No part of the public type.
 */
type Describable = Storage & { readonly Entity?: typeof Entity };

/** A storage of which entities are made. */
export type Described = Storage & { readonly Entity: typeof Entity };

export const service = "postrider";

/**
 * Returns a maker of entities that makes one for each table of a client, and returns the same one
 * from then on: ElectroDB checks the whole description each time, which takes milliseconds.
 */
export const oncePerStorage = <Made>(make: (storage: Described) => Made) => {
  const made = new WeakMap<DynamoDBClient, Map<string, Made>>();
  return (storage: Describable): Made => {
    const { client, table } = storage;
    const ofClient = made.get(client) ?? new Map<string, Made>();
    made.set(client, ofClient);
    const known = ofClient.get(table) ?? make({ Entity, ...storage });
    ofClient.set(table, known);
    return known;
  };
};

/**
 * Options of every read and write. Errors stay those of the SDK: ElectroDB's wrapper builds an
 * error with a stack for every call, also for one that succeeds.
 */
export const goOptions = { originalErr: true } as const;

/**
 * Options of a conditional write: a refused condition is a value, with the item if the engine
 * returns it.
 */
export const conditionalGo = { ...goOptions, returnOnConditionCheckFailure: "all_old" } as const;

/** Keeps the case of ids: ElectroDB's default would turn `Abc` and `abc` into one. */
export const casing = "none" as const;

/**
 * Passes headers to the SDK as a `Map`: it takes an object with a key named `constructor` for an
 * instance of a class, and refuses it.
 */
export const headersAttribute = {
  type: CustomAttributeType<Readonly<Record<string, string>>>("any"),
  set: (headers?: Readonly<Record<string, string>>) => headers && new Map(Object.entries(headers)),
} as const;

/**
 * Stores a message id as keys hold it, because ElectroDB escapes nothing, and reverses that on
 * reads.
 */
export const messageIdAttribute = {
  type: "string",
  required: true,
  get: (text?: string) => text && idOfKey(text),
} as const;

/** Returns a key with its message id as keys hold it. Every read and write uses it. */
export const stored = <Key extends MessageKey>(key: Key): Key => ({
  ...key,
  messageId: idInKey(key.messageId),
});

/** Reverses `stored` for an item that was read raw. */
export const given = (fields: Fields): Fields => {
  const { messageId } = fields;
  return typeof messageId === "string" ? { ...fields, messageId: idOfKey(messageId) } : fields;
};

/** Epoch seconds, as `ttl` is. */
export const secondsOf = (ms: number): number => Math.floor(ms / 1000);

/** What the descriptions of entities share. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CustomAttributeType, Entity } from "electrodb";
import { idOfKey } from "../../domain/ids.ts";
import type { Storage } from "../storage.ts";

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

import { type Queue, sqsQueue } from "../../adapters/queue.ts";
import { plainClients } from "./memory/clients.ts";
import { plainEntity } from "./memory/entity.ts";
import { enterTable as enterPlainTable } from "./memory/requests.ts";
import { plainTable } from "./memory/table.ts";
import { queueUrl, tableName } from "./outside.ts";
import {
  byCompose,
  type MakeHandlers,
  overSharedStores,
  type Stores,
  storesOver,
} from "./process.ts";
import { clients, enterTable } from "./sdk-clients.ts";
import { memoryTable, type OnWrite, type Table } from "./table.ts";

/** What the product's handlers run over: everything below their stores and their queue. */
export type Backing = {
  readonly stores: Stores;
  readonly queue: Queue;
  readonly make: MakeHandlers;
  /** Makes the table of the next run, and enters it: the stores are over it from now on. */
  readonly openTable: (onWrite?: OnWrite, now?: () => number) => Table;
};

const plainStorage = { client: plainClients.table, table: tableName, Entity: plainEntity };
const plain = {
  stores: storesOver(plainStorage),
  queue: sqsQueue(plainClients.queue, queueUrl),
};

/** Plain items in memory. ElectroDB, the AWS clients and dynalite are left out. */
export const inMemory: Backing = {
  ...plain,
  make: overSharedStores(plain),
  openTable: (onWrite, now) => {
    const table = plainTable(onWrite, now);
    enterPlainTable(table);
    return table;
  },
};

const storage = { client: clients.table, table: tableName };
const real = { stores: storesOver(storage), queue: sqsQueue(clients.queue, queueUrl) };

/** ElectroDB, the real AWS clients with their repeats, and what dynalite makes of their calls. */
export const overSdk: Backing = {
  ...real,
  make: overSharedStores(real),
  openTable: (onWrite, now) => {
    const table = memoryTable(tableName, onWrite, now);
    enterTable(table);
    return table;
  },
};

/** The same, with each process composed as the product is. */
export const asComposed: Backing = { ...overSdk, make: byCompose(storage, real.queue) };

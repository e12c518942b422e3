import type { SQSClient } from "@aws-sdk/client-sqs";
import { type Queue, sqsQueue } from "../../adapters/queue.ts";
import { loadEntities } from "../../entities/load-entities.ts";
import type { Storage } from "../../entities/storage.ts";
import { plainClients } from "./memory/clients.ts";
import { plainEntity } from "./memory/entity.ts";
import { enterTable as enterPlainTable } from "./memory/requests.ts";
import { plainTable } from "./memory/table.ts";
import { enterTransactions as enterPlainTransactions } from "./memory/transact.ts";
import { queueUrl, tableName } from "./outside.ts";
import {
  byCompose,
  type MakeHandlers,
  overSharedStores,
  type Stores,
  storesOver,
} from "./process.ts";
import { clients, enterTable, enterTransactions } from "./sdk-clients.ts";
import { memoryTable, type OnWrite, type Table } from "./table.ts";
import { type OnCommit, transactionsOver } from "./transactions.ts";

/** What the product's handlers run over: everything below their stores and their queue. */
export type Backing = {
  readonly stores: Stores;
  readonly queue: Queue;
  readonly make: MakeHandlers;
  /** Makes the table of the next run, and enters it: the stores are over it from now on. */
  readonly openTable: (onWrite?: OnWrite, now?: () => number, onCommit?: OnCommit) => Table;
  /** What the outbox of a service gets of it. */
  readonly storage: Storage;
  readonly sqs: SQSClient;
};

// Before a run: it moves on when nobody has anything to do, and would not wait for a file to be read.
await loadEntities();

const noted = (): void => {};

const plainStorage = { client: plainClients.table, table: tableName, Entity: plainEntity };
const plain = {
  ...{ storage: plainStorage, sqs: plainClients.queue },
  stores: storesOver(plainStorage),
  queue: sqsQueue(plainClients.queue, queueUrl),
};

/** Plain items in memory. ElectroDB, the AWS clients and dynalite are left out. */
export const inMemory: Backing = {
  ...plain,
  make: overSharedStores(plain),
  openTable: (onWrite, now, onCommit = noted) => {
    const table = plainTable(onWrite, now);
    enterPlainTable(table);
    enterPlainTransactions(transactionsOver(table, onCommit));
    return table;
  },
};

const storage = { client: clients.table, table: tableName };
const real = {
  storage,
  sqs: clients.queue,
  stores: storesOver(storage),
  queue: sqsQueue(clients.queue, queueUrl),
};

/** ElectroDB, the real AWS clients with their repeats, and what dynalite makes of their calls. */
export const overSdk: Backing = {
  ...real,
  make: overSharedStores(real),
  openTable: (onWrite, now, onCommit = noted) => {
    const table = memoryTable(tableName, onWrite, now);
    enterTable(table);
    enterTransactions(transactionsOver(table, onCommit));
    return table;
  },
};

/** The same, with each process composed as the product is. */
export const asComposed: Backing = { ...overSdk, make: byCompose(storage, real.queue) };

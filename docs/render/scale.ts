/**
 * What a load asks of each part of a deployment on AWS, and which part cannot take it first.
 * Arithmetic over units that tests count and quotas that AWS publishes: nobody has measured it on AWS.
 * The page `docs/internals/scale.md` shows what it comes to.
 */
import { prices } from "../../domain/prices.ts";
import { countUnits, type Message, messageCost, sum, writeUnits } from "./cost.ts";

/** Quotas and rates that AWS publishes; the page says where. Those marked can be raised on request. */
export const published = {
  /** Raised on request: a second, of a table with its indexes. */
  tableWriteUnits: 40_000,
  /** A second, of one partition of a table or of an index. */
  partitionWriteUnits: 1000,
  /** A second, of a new table on demand. It doubles within half an hour, or is set before a launch. */
  newTableWriteUnits: 4000,
  doublingMinutes: 30,
  /** Records that were received and not deleted, of a standard queue. */
  inFlight: 120_000,
  /** Raised on request: functions of an account that run at the same time. */
  accountConcurrency: 1000,
  /** Invocations of one event source at the same time, and how many it adds in a minute. */
  pollerConcurrency: 1250,
  pollerStart: 5,
  pollerPerMinute: 300,
  /** The same in provisioned mode. */
  provisionedPollerConcurrency: 20_000,
  /** Raised on request: a second, of all HTTP APIs of an account. */
  httpApiRequests: 10_000,
} as const;

/** A load, and how a stage is set for it. */
export type Load = {
  readonly perSecond: number;
  /** The largest sender's share of the messages. */
  readonly largestShare: number;
  /** How long a worker has a batch, by the slowest of its targets, milliseconds. */
  readonly workerMs: number;
  readonly shards: number;
  readonly message: Message;
  /** Members of the stage: `worker.maxConcurrency` and `endpoint.requestsPerSecond`. */
  readonly maxConcurrency: number;
  readonly requestsPerSecond: number;
};

/** A partition is not to be used to its limit: traffic comes in bursts, and hashes are not even. */
const headroom = 0.6;

/** Write units of the due index for a message: one to enter it, one to leave it. */
const dueUnits = 2;
/** Of the index of all messages: one, when a message is submitted. */
const bySenderUnits = 1;
const perMessage = writeUnits.submit + writeUnits.queued + writeUnits.claim + writeUnits.complete;

/** Write units of a message on the table and its indexes, the counting of outcomes included. */
export const unitsOf = ({ recordsInBatch }: Message): number =>
  perMessage + countUnits / recordsInBatch;

/** Returns what a load asks for. */
export const needsOf = ({ perSecond, largestShare, workerMs, shards, message }: Load) => {
  const units = perSecond * unitsOf(message);
  const onIndexes = perSecond * (dueUnits + bySenderUnits);
  const batches = perSecond / message.recordsInBatch;
  const requests = perSecond / message.messagesInRequest;
  return {
    writeUnits: units,
    /** Partitions of the table itself: keys are hashes of ids, so they are used alike. */
    tablePartitions: Math.ceil((units - onIndexes) / (published.partitionWriteUnits * headroom)),
    /** Of the hottest key of each index, a second. */
    dueKeyUnits: (perSecond * dueUnits) / shards,
    bySenderKeyUnits: (perSecond * largestShare * bySenderUnits) / shards,
    outcomesKeyUnits: (batches * Math.min(1, largestShare * message.recordsInBatch)) / shards,
    workers: (batches * workerMs) / 1000,
    inFlight: (perSecond * workerMs) / 1000,
    requests,
    apiFunctions: (requests * message.apiMs) / 1000,
    logGbADay: (perSecond * 86_400 * (message.logBytes + message.accessLogBytes)) / 1e9,
    storedGb: (perSecond * 86_400 * 30 * 1500) / 1e9,
  };
};

/** Shards with which no key of an index is used for more than the headroom. */
export const shardsFor = ({ perSecond }: Pick<Load, "perSecond">): number =>
  2 ** Math.ceil(Math.log2((perSecond * dueUnits) / (published.partitionWriteUnits * headroom)));

/** What bounds a load: messages a second that a quota or a partition lets through, and the remedy. */
export type Bound = {
  readonly what: string;
  readonly perSecond: number;
  readonly remedy: string;
};

/** Returns what bounds a load, the tightest first. */
export const boundsOf = (load: Load): readonly Bound[] => {
  const { shards, workerMs, message, largestShare } = load;
  const perWorker = (message.recordsInBatch * 1000) / workerMs;
  const { partitionWriteUnits, accountConcurrency } = published;
  const bounds: readonly Bound[] = [
    {
      what: "Write units of a table that is new",
      perSecond: published.newTableWriteUnits / unitsOf(message),
      remedy: "Warm throughput before the launch, or hours of growth",
    },
    {
      what: "Write units of a table, by quota",
      perSecond: published.tableWriteUnits / unitsOf(message),
      remedy: "A higher quota for the table",
    },
    {
      what: "One key of the due index",
      perSecond: (shards * partitionWriteUnits) / dueUnits,
      remedy: "`POSTRIDER_SHARDS`",
    },
    {
      what: "The largest sender's key of the index of all messages",
      perSecond: (shards * partitionWriteUnits) / bySenderUnits / largestShare,
      remedy: "`POSTRIDER_SHARDS`, or `listAll: false`",
    },
    {
      what: `\`worker.maxConcurrency\` of the stage, ${load.maxConcurrency}`,
      perSecond: load.maxConcurrency * perWorker,
      remedy: "Up to 1,000",
    },
    {
      what: `\`endpoint.requestsPerSecond\` of the stage, ${load.requestsPerSecond}`,
      perSecond: load.requestsPerSecond * message.messagesInRequest,
      remedy: "More, and `burst` with it",
    },
    {
      what: "Functions at the same time, by quota",
      perSecond:
        accountConcurrency / (1 / perWorker + message.apiMs / 1000 / message.messagesInRequest),
      remedy: "A higher quota for the account",
    },
    {
      what: "Workers of one event source",
      perSecond: published.pollerConcurrency * perWorker,
      remedy: "Provisioned pollers, for up to 20,000 of them",
    },
    {
      what: "Records in flight",
      perSecond: (published.inFlight * 1000) / workerMs,
      remedy: "Shorter time-outs of targets",
    },
    {
      what: "Requests of an HTTP API, by quota",
      perSecond: published.httpApiRequests * message.messagesInRequest,
      remedy: "A higher quota, batches, or a function URL",
    },
  ];
  return bounds.toSorted((one, other) => one.perSecond - other.perSecond);
};

/** Minutes in which a table on demand grows to so many write units, doubling each half an hour. */
export const growthMinutes = (units: number): number =>
  Math.max(0, Math.log2(units / published.newTableWriteUnits)) * published.doublingMinutes;

/** Minutes in which an event source comes to so many invocations at the same time. */
export const pollerMinutes = (workers: number): number =>
  Math.max(0, workers - published.pollerStart) / published.pollerPerMinute;

const monthSeconds = 30 * 86_400;

/**
 * Returns what a month of a load costs, in dollars: the messages, and their storage for 30 days.
 */
export const monthOf = (load: Load) => {
  const { storedGb } = needsOf(load);
  const { message, workerMs, perSecond } = load;
  const each = sum(messageCost({ ...message, workerMs }));
  return {
    messages: each * perSecond * monthSeconds,
    storage: storedGb * (prices.storedGbMonth + prices.recoverableGbMonth),
  };
};

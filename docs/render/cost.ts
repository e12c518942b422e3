/**
 * What a message costs on AWS, and what a month costs in which nothing is sent. Pure figures: the
 * page `docs/guides/cost.md` shows what they come to.
 */
import { prices } from "../../domain/prices.ts";

/** Write units of each step of a message's life: of its item, and of the indexes that it touches. */
export const writeUnits = {
  submit: 3,
  queued: 1,
  /** By the dispatcher, who also says when it looks again: after a long wait, or for a far delivery. */
  queuedByDispatcher: 3,
  claim: 1,
  complete: 2,
  retry: 3,
  fail: 3,
  /** The item of one failed attempt, if little came back. */
  attempt: 1,
} as const;

/** Write units of counting a batch of a worker: one item for each sender that is in it. */
export const countUnits = 1;

/**
 * Read units of outcomes over time, at most, over eight shards: half a unit for each begun 4 KB. So
 * many if a sender had attempts of every duration in each shard every five minutes.
 */
export const outcomesReadUnits = { day: 210 } as const;

/**
 * Read units of one request for a list over eight shards: half a unit for each query of an index,
 * whose entries are small, and a unit for each message, which is read consistently.
 */
export const listReadUnits = {
  /** A page of 20, all of which match. */
  page: 24,
  /** At most, for a page that examines all that it may, and of which little or nothing matches. */
  search: 525,
  /** At most, for one of `unfinished` that finds entries of other senders only. */
  others: 20,
  /** At most, for the latest thousand failures. */
  failures: 1031,
  /** At most, for a count, if ids are as long as UUIDs. */
  counted: 160,
} as const;

const happyPathUnits =
  writeUnits.submit + writeUnits.queued + writeUnits.claim + writeUnits.complete;

/** What a failed attempt adds, until the next one is claimed. */
export const failedAttemptUnits =
  writeUnits.attempt + writeUnits.retry + writeUnits.queued + writeUnits.claim;

/** Keys, names and times of a payload item, besides the headers and the body. */
const payloadRestBytes = 300;
/** Where headers and body do not fit into the message, they are an item of their own. */
export const payloadWriteUnits = (bytes: number): number =>
  Math.ceil((bytes + payloadRestBytes) / 1024);
/** The worker reads it once an attempt, consistently. */
export const payloadReadUnits = (bytes: number): number =>
  Math.ceil((bytes + payloadRestBytes) / 4096);

/** What is assumed of a message; all but the prices that one can influence. */
export type Message = {
  readonly endpoint: "http-api" | "function-url";
  readonly apiMemoryMb: number;
  readonly apiMs: number;
  readonly workerMemoryMb: number;
  /** How long a batch takes: as long as the slowest of its targets. */
  readonly workerMs: number;
  readonly recordsInBatch: number;
  /** How many messages a request submits. */
  readonly messagesInRequest: number;
  /** How much of provisioned units is used, on average; or units are paid for by use. */
  readonly utilization?: number;
  readonly logBytes: number;
  readonly accessLogBytes: number;
  readonly sentBytes: number;
};

export const usual: Message = {
  endpoint: "http-api",
  apiMemoryMb: 512,
  apiMs: 15,
  workerMemoryMb: 512,
  workerMs: 300,
  recordsInBatch: 10,
  messagesInRequest: 1,
  logBytes: 830,
  accessLogBytes: 200,
  sentBytes: 2000,
};

/** The same, submitted ten at a time: their calls of the table go side by side. */
export const inBatches: Message = {
  ...usual,
  messagesInRequest: 10,
  apiMs: 60,
  logBytes: 570,
  accessLogBytes: 20,
};

/** The same, with units that are provisioned, and of which 70 % are used: as auto scaling aims at. */
export const provisioned: Message = { ...inBatches, utilization: 0.7 };

export type Part = { readonly what: string; readonly dollars: number };

const gigabyte = 1e9;
const functionRun = (memoryMb: number, ms: number): number =>
  prices.invocation + (memoryMb / 1024) * (ms / 1000) * prices.gbSecond;

const writeUnit = ({ utilization }: Message): number =>
  utilization === undefined
    ? prices.writeUnit
    : prices.provisionedWriteUnitHour / 3600 / utilization;

/** Records have a group, so that no sender's backlog delays the others. */
const queueRequest = prices.queueRequest + prices.fairQueueRequest;

/** Returns what one message costs that is inline and succeeds at once, part by part. */
export const messageCost = (message: Message): readonly Part[] => {
  const { recordsInBatch, messagesInRequest, logBytes, accessLogBytes, endpoint } = message;
  const isApi = endpoint === "http-api";
  const logged = logBytes + (isApi ? accessLogBytes : 0);
  return [
    { what: "Table: 7 write units", dollars: happyPathUnits * writeUnit(message) },
    {
      what: "Table: a tenth of a write unit, to count outcomes",
      dollars: (countUnits / recordsInBatch) * writeUnit(message),
    },
    {
      what: "Queue: sends, and a tenth of a receive and of a delete",
      dollars: (1 / messagesInRequest + 2 / recordsInBatch) * queueRequest,
    },
    {
      what: "API function",
      dollars: functionRun(message.apiMemoryMb, message.apiMs) / messagesInRequest,
    },
    {
      what: "Worker function, a tenth",
      dollars: functionRun(message.workerMemoryMb, message.workerMs) / recordsInBatch,
    },
    { what: "HTTP API", dollars: isApi ? prices.httpApiRequest / messagesInRequest : 0 },
    { what: "Logs", dollars: (logged / gigabyte) * prices.logGb },
    { what: "Transfer out", dollars: (message.sentBytes / gigabyte) * prices.transferOutGb },
  ];
};

export const sum = (parts: readonly Part[]): number =>
  parts.reduce((total, { dollars }) => total + dollars, 0);

/** Requests and calls of a submit of ten messages that are inline and near: each alone, or a batch. */
export const submitCalls = {
  alone: { requests: 10, sends: 10, puts: 10, marks: 10 },
  batch: { requests: 1, sends: 1, puts: 10, marks: 10 },
} as const;

/**
 * Returns what submitting a message costs, alone or in a batch of ten, in those parts that it
 * changes.
 */
export const submitCost = (how: keyof typeof submitCalls, message: Message): readonly Part[] => {
  const { requests, sends, puts, marks } = submitCalls[how];
  const accessLog = (message.accessLogBytes / gigabyte) * prices.logGb;
  const units = puts * writeUnits.submit + marks * writeUnits.queued;
  return [
    {
      what: "HTTP API, and its access log",
      dollars: requests * (prices.httpApiRequest + accessLog),
    },
    { what: "Invocations of the API function", dollars: requests * prices.invocation },
    { what: "Sends to the queue", dollars: sends * queueRequest },
    { what: "Table: the write units of a submit", dollars: units * prices.writeUnit },
  ].map(({ what, dollars }) => ({ what, dollars: dollars / 10 }));
};

/** Returns what comes on top for a message, each by itself. */
export const additions = (message: Message): readonly Part[] => {
  const delivery =
    functionRun(message.workerMemoryMb, message.workerMs) / message.recordsInBatch +
    (1 + 2 / message.recordsInBatch) * queueRequest;
  const request =
    functionRun(message.apiMemoryMb, message.apiMs) +
    (message.endpoint === "http-api" ? prices.httpApiRequest : 0);
  const payload = (bytes: number): number =>
    payloadWriteUnits(bytes) * prices.writeUnit + payloadReadUnits(bytes) * prices.readUnit;
  return [
    {
      what: "A failed attempt, and the retry after it",
      dollars: failedAttemptUnits * prices.writeUnit + delivery,
    },
    {
      what: "A wait of more than 15 minutes before it",
      dollars:
        (writeUnits.queuedByDispatcher - writeUnits.queued) * prices.writeUnit + prices.readUnit,
    },
    { what: "A body of 2 KB", dollars: payload(2000) },
    { what: "A body of 16 KB", dollars: payload(16_000) },
    { what: "A body of 256 KiB", dollars: payload(256 * 1024) },
    { what: "A look at the message by its id", dollars: prices.readUnit + request },
    {
      what: "A page of 20 messages",
      dollars: listReadUnits.page * prices.readUnit + request,
    },
    {
      what: "A page that examines 500 messages",
      dollars: listReadUnits.search * prices.readUnit + request,
    },
    {
      what: "A look at a thousand failures",
      dollars: listReadUnits.failures * prices.readUnit + request,
    },
    {
      what: "A count that reaches 10,000",
      dollars: listReadUnits.counted * prices.readUnit + request,
    },
    {
      what: "A look at the outcomes of a day, at most",
      dollars: outcomesReadUnits.day * prices.readUnit + request,
    },
    {
      what: "X-Ray, if you turn it on: two traces of every twentieth message",
      dollars: (2 * prices.xRayTrace) / 20,
    },
    {
      what: "30 days in the table, 1.5 KB with its indexes, recoverable",
      dollars: (1500 / gigabyte) * (prices.storedGbMonth + prices.recoverableGbMonth),
    },
  ];
};

/** What a stack has that is paid for by the month. */
export const standing = {
  alarmMetrics: 28,
  ownMetrics: 18,
  shards: 8,
  groups: 4,
  dispatcherMemoryMb: 1024,
} as const;

const monthMinutes = 30 * 24 * 60;
/** Lambda asks each of the two queues so often, when there is nothing in them. */
const emptyReceivesMonth = 2 * 5 * 3 * monthMinutes;
const emptyRunMs = 100;

/** Returns what a month costs in which no message is sent. */
export const idleMonth = (): readonly Part[] => [
  {
    what: `Alarms: ${standing.alarmMetrics} metrics`,
    dollars: standing.alarmMetrics * prices.alarmMetricMonth,
  },
  { what: "Dashboard", dollars: prices.dashboardMonth },
  { what: "KMS key of the alarms", dollars: prices.keyMonth },
  { what: "Receives that find nothing", dollars: emptyReceivesMonth * prices.queueRequest },
  { what: "Secret with the master key", dollars: prices.secretMonth },
  { what: "The dispatcher's own metric", dollars: prices.ownMetricMonth },
  {
    what: `Dispatcher, ${standing.groups} runs each minute`,
    dollars:
      monthMinutes *
      standing.groups *
      (functionRun(standing.dispatcherMemoryMb, emptyRunMs) +
        prices.scheduledRun +
        // Half a unit for a query of an index that finds nothing: each run asks all shards.
        standing.shards * 0.5 * prices.readUnit),
  },
];

/** Returns what own metrics cost a month more, once all of them are published all the time. */
export const busyMetricsMonth = (): number => (standing.ownMetrics - 1) * prices.ownMetricMonth;

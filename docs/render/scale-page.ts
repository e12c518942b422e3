import { inBatches, provisioned } from "./cost.ts";
import { code, generatedFrom, tableOf } from "./markdown.ts";
import {
  boundsOf,
  growthMinutes,
  type Load,
  monthOf,
  needsOf,
  pollerMinutes,
  published,
  shardsFor,
} from "./scale.ts";
import { boundsOf as dispatchedBy, plans } from "./throughput.ts";

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
/** To the hundred: the sum is no more exact than its assumptions. */
const money = (dollars: number): string => `$${whole(Math.round(dollars / 100) * 100)}`;

const perSecond = 10_000;
/** The load of the page: one sender has nine tenths of it. */
const load: Load = {
  ...{ perSecond, largestShare: 0.9, workerMs: inBatches.workerMs },
  ...{ shards: shardsFor({ perSecond }), message: inBatches },
  ...{ maxConcurrency: 1000, requestsPerSecond: perSecond / inBatches.messagesInRequest },
};
/** As a stage is without any setting. */
const unset: Load = { ...load, shards: 8, maxConcurrency: 100, requestsPerSecond: 500 };
const slow = (workerMs: number): Load => ({ ...load, workerMs });

const needsTable = (): readonly string[] => {
  const rows = [100, 1000, 10_000].map((rate) => {
    const shards = Math.max(8, shardsFor({ perSecond: rate }));
    const needs = needsOf({ ...load, perSecond: rate, shards });
    return [
      ...[whole(rate), whole(needs.writeUnits), whole(needs.tablePartitions), whole(shards)],
      `${whole(needs.dueKeyUnits)} of ${whole(published.partitionWriteUnits)}`,
      `${whole(needs.bySenderKeyUnits)} of ${whole(published.partitionWriteUnits)}`,
      ...[whole(needs.workers), whole(needs.apiFunctions), whole(needs.inFlight)],
      `${needs.logGbADay.toFixed(1)} GB`,
    ];
  });
  const head = ["Messages a second", "Write units", "Partitions", "Shards", "Hottest due key"];
  return tableOf(
    [...head, "Hottest sender key", "Workers", "API functions", "In flight", "Log a day"],
    rows,
  );
};

const boundsTable = (of: Load): readonly string[] =>
  tableOf(
    ["What", "Messages a second", "Remedy"],
    boundsOf(of).map((bound) => [bound.what, whole(bound.perSecond), bound.remedy]),
  );

const slowTable = (): readonly string[] => {
  const rows = [300, 1000, 5000, 15_000].map((workerMs) => {
    const { workers, inFlight } = needsOf(slow(workerMs));
    const { messages } = monthOf(slow(workerMs));
    return [
      `${workerMs / 1000} s`,
      whole(workers),
      `${pollerMinutes(workers).toFixed(0)} min`,
      whole(inFlight),
      money(messages),
    ];
  });
  return tableOf(
    ["A batch takes", "Workers", "Until there are so many", "In flight", "A month"],
    rows,
  );
};

const dispatchTable = (): readonly string[] =>
  tableOf(
    ["Stage", "Dispatcher, messages a second", "Share of 10,000 a second"],
    plans.map((plan) => {
      const { dispatcher } = dispatchedBy(plan);
      return [plan.what, whole(dispatcher), `${((100 * dispatcher) / perSecond).toFixed(1)} %`];
    }),
  );

const paragraphs = (): readonly string[] => {
  const needs = needsOf(load);
  const first = boundsOf(unset)[0]?.what ?? "";
  const month = monthOf(load);
  const steady = monthOf({ ...load, message: provisioned });
  return [
    "# At ten thousand messages a second",
    "",
    generatedFrom("docs/render/scale.ts and scale-page.ts"),
    "",
    "For whoever plans a large deployment: what each part must take, what to set, what it costs, and what",
    "breaks first. It is arithmetic, over write units that tests count and quotas that AWS publishes. Nobody has",
    "measured it on AWS. Messages fit into one item, succeed at once, are submitted in batches of ten and delivered",
    "in full batches; one sender has nine tenths of them. The sums are functions of",
    "[docs/render/scale.ts](../render/scale.ts).",
    "",
    "## What a load asks for",
    "",
    ...needsTable(),
    "",
    `A key of an index is one partition, which takes ${whole(published.partitionWriteUnits)} write units a second. Each message enters the due`,
    "index and leaves it, in a shard of its own hash, whoever sent it; a sender's messages are in its own",
    "shards of the index of all messages. The shards listed leave at least two fifths of a partition free. Keys of the table are hashes of",
    "ids: they are used alike.",
    "",
    "## What to set",
    "",
    `- ${code("POSTRIDER_SHARDS")} ${load.shards}. They can only grow: set them before the load comes. A list then asks ${load.shards} shards, which`,
    "  makes a page of it cost that many half read units.",
    "- `dispatcher.groups` of the stage: see [below](#what-the-dispatcher-takes).",
    "- `worker.maxConcurrency`: 100, unless set, and at most 1,000. Above that an event source needs provisioned pollers, which a",
    "  stage has no setting for.",
    "- `endpoint.requestsPerSecond` and `burst`: 500 and 1,000, unless set.",
    `- \`billing\`: ${whole(needs.writeUnits / (provisioned.utilization ?? 1))} provisioned write units with auto scaling around them, if the load is steady. On demand is right for`,
    "  one that is not.",
    "- Quotas, to be asked for before: write units of the table, functions at the same time, requests of HTTP APIs.",
    "",
    "## What breaks first",
    "",
    `With nothing set, in a new account and a new table, it is this: ${first.charAt(0).toLowerCase()}${first.slice(1)}.`,
    "",
    ...boundsTable(unset),
    "",
    `With ${load.shards} shards the keys of the indexes carry ${whole(boundsOf(load).find(({ what }) => what.startsWith("One key"))?.perSecond ?? 0)} messages a second. Whatever breaks, no message is lost: a submit that`,
    "the table refuses is answered 503, which a sender repeats; a record waits on the queue for up to 14 days, and the due index",
    "keeps what was acknowledged.",
    "",
    "## Slow targets",
    "",
    "A worker waits for the slowest of ten targets, and Lambda is paid for waiting.",
    "",
    ...slowTable(),
    "",
    `SQS has at most ${whole(published.inFlight)} records in flight: at 10,000 a second that is a batch of ${(published.inFlight / perSecond).toFixed(0)} s. Beyond it nothing is received`,
    "until something is deleted; the others wait. Records that wait for their delay are not in flight. Shorter time-outs",
    "(`timeoutMs`) are the remedy. Messages of one sender with slow targets do not hold up those of others: records",
    "have the sender as their group.",
    "",
    "## What the dispatcher takes",
    "",
    "It looks after what waits longer than 15 minutes, after crashes and lost records. On the way of a message that",
    "succeeds at once it does nothing.",
    "",
    ...dispatchTable(),
    "",
    "A load of which a larger share must wait long, or a target of such a share that is down, makes a backlog. It is worked off later:",
    "nothing is lost, and [the guide on operating](../guides/operate.md) says how long it takes.",
    "",
    "## A launch",
    "",
    `A new table on demand takes ${whole(published.newTableWriteUnits)} write units a second, and doubles what it took within ${published.doublingMinutes} minutes: ${whole(needs.writeUnits)}`,
    `are there after ${(growthMinutes(needs.writeUnits) / 60).toFixed(1)} hours of growing load. Warm throughput sets them before, for the table and for each index;`,
    `AWS takes a price once. An event source begins with ${published.pollerStart} workers and adds ${published.pollerPerMinute} a minute: ${whole(needs.workers)} are there`,
    `after ${pollerMinutes(needs.workers).toFixed(0)} minute. Meanwhile records wait on the queue.`,
    "",
    "## What it costs",
    "",
    `${money(month.messages)} a month on demand, or ${money(steady.messages)} with provisioned units of which ${100 * (provisioned.utilization ?? 0)} % are used; and ${money(month.storage)} for what is`,
    `stored: ${whole(needs.storedGb / 1000)} TB at 30 days. Shorter \`retentionDays\` cost less in proportion. The log is ${whole(needs.logGbADay)} GB a day, and is in the price. A`,
    "contract with AWS on such an amount has other prices.",
    "",
    "## Sources",
    "",
    "Documentation of AWS, November 2026; quotas differ by account and region.",
    "",
    "- Amazon DynamoDB Developer Guide: [quotas](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html)",
    "  (40,000 write units a table), [warm",
    "  throughput](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html) (4,000 of a new",
    "  table; 1,000 of a partition), [on-demand",
    "  capacity](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html) (twice the last peak within 30 minutes).",
    "- Amazon SQS Developer Guide: [quotas](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html)",
    "  (120,000 in flight).",
    "- AWS Lambda Developer Guide: [scaling of SQS event",
    "  sources](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html) (from 5, 300 a minute, to 1,250; 16 times as",
    "  many when provisioned), [concurrency](https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html) (1,000 an account).",
    "- Amazon API Gateway Developer Guide: [quotas](https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html) (10,000",
    "  requests a second).",
    "",
  ];
};

/** Returns the page `docs/internals/scale.md`. */
export const scalePage = (): string => paragraphs().join("\n");

import { limits } from "../../domain/limits.ts";
import { code, generatedFrom, tableOf } from "./markdown.ts";

type Limit = keyof typeof limits;
type Unit =
  | "bytes"
  | "ms"
  | "characters"
  | "days"
  | "headers"
  | "attempts"
  | "replays"
  | "records"
  | "faults"
  | "items"
  | "levels"
  | "names"
  | "parts"
  | "requests"
  | "secrets"
  | "shards"
  | "messages"
  | "pages"
  | "calls"
  | "changes"
  | "groups"
  | "members"
  | "spans";
type Meaning = { readonly unit: Unit; readonly what: string };

/** What each limit is about; to forget one does not compile. */
const meanings: { readonly [L in Limit]: Meaning } = {
  requestBytesMax: {
    unit: "bytes",
    what: "A request to `POST /v1/messages`. In JSON one byte of a body can take six.",
  },
  batchRequestBytesMax: { unit: "bytes", what: "A request to `POST /v1/messages/batch`." },
  batchMessagesMax: { unit: "messages", what: "Its messages." },
  bodyBytesMax: { unit: "bytes", what: "The body of a message, as sent to the target." },
  jsonDepthMax: {
    unit: "levels",
    what: "Nesting of a JSON body: many receivers cannot read more.",
  },
  headersCountMax: { unit: "headers", what: "Headers of a message." },
  headersBytesMax: {
    unit: "bytes",
    what: "Their names and values together, without separators.",
  },
  headerNameCharsMax: { unit: "characters", what: "One header's name." },
  targetUrlCharsMax: { unit: "characters", what: "`targetUrl`." },
  idCharsMax: {
    unit: "characters",
    what: "`senderId` (`A-Z a-z 0-9 _ . : -`) and `messageId` (printable ASCII without the space), each at least one.",
  },
  timeCharsMax: { unit: "characters", what: "`timestamp`, `deliverAt` and `giveUpAt`." },
  syntaxPlaceCharsMax: {
    unit: "characters",
    what: "A text that is not JSON, for which the place of the error is always named.",
  },
  issuesMax: {
    unit: "faults",
    what: "Faults listed for one request. The messages of a batch share them evenly.",
  },
  issuePathPartCharsMax: { unit: "characters", what: "One part of the path of a fault." },
  issueMessageCharsMax: { unit: "characters", what: "The text of a fault." },
  deliverAheadMsMax: { unit: "ms", what: "From submit to `deliverAt`." },
  giveUpAfterMsMax: {
    unit: "ms",
    what: "From the first possible attempt to `giveUpAt`.",
  },
  attemptsMax: { unit: "attempts", what: "Attempts that a message or a replay may ask for." },
  replaysMax: { unit: "replays", what: "Replays of one message." },
  waitMsMax: {
    unit: "ms",
    what: "One entry of a retry schedule, and the longest `Retry-After` obeyed.",
  },
  timeoutMsMin: {
    unit: "ms",
    what: "The shortest `timeoutMs`.",
  },
  timeoutMsMax: {
    unit: "ms",
    what: "The longest `timeoutMs`: from the look-up of the target's name to the last byte of its answer.",
  },
  retentionDaysMax: { unit: "days", what: "`retentionDays`." },
  responseBytesMax: {
    unit: "bytes",
    what: "Read of a target's answer.",
  },
  responseTextCharsMax: {
    unit: "characters",
    what: "Kept and shown of the answer to a failed attempt.",
  },
  lookUpsMax: {
    unit: "names",
    what: "Names of targets that one process looks up at once, each once for all who ask meanwhile. Others wait.",
  },
  lookUpMsMax: {
    unit: "ms",
    what: "The look-up of a name. Then its attempts fail with `dns`, new ones at once until the look-up returns.",
  },
  unneededBodyMsMax: {
    unit: "ms",
    what: "Reading a body that is not kept, as of an accepted answer, to keep its connection. Then it is closed.",
  },
  failedBodyMsMax: {
    unit: "ms",
    what: "Reading the answer to a failed attempt. What has come by then is kept.",
  },
  queueDelayMsMax: {
    unit: "ms",
    what: "Delay on the queue (Amazon SQS, `DelaySeconds`). Later attempts wait in the table until they are this near.",
  },
  queueBatchMax: {
    unit: "records",
    what: "Records sent to the queue by one call (Amazon SQS).",
  },
  shardsMax: {
    unit: "shards",
    what: "Partitions of an index (`POSTRIDER_SHARDS`).",
  },
  listPageMax: { unit: "items", what: "One page of a list (`limit`)." },
  listPageDefault: { unit: "items", what: "The default of `limit`." },
  listExaminedMax: {
    unit: "messages",
    what: "Examined for one page of a list, matching or not. The page then ends, with a cursor.",
  },
  cursorCharsMax: { unit: "characters", what: "`cursor`." },
  failuresCountedMax: {
    unit: "messages",
    what: "Latest failures of a sender that `GET /v1/failures` counts.",
  },
  jobRatePerSecondMax: {
    unit: "messages",
    what: "The rate of a job, in a second (`ratePerSecond`).",
  },
  jobBatchMax: { unit: "messages", what: "Acted on by a job at a time." },
  jobPlanExaminedMax: {
    unit: "messages",
    what: "Examined by a plan of a job, which counts exactly up to so many.",
  },
  jobPlanAgeMsMax: { unit: "ms", what: "Age of a plan of which a job is made." },
  jobCountedMax: {
    unit: "messages",
    what: "Messages of a job that one request counts by their states. `nextCursor` continues.",
  },
  jobPlanGroupsMax: { unit: "groups", what: "Groups in a plan, the largest first." },
  jobAheadMsMax: {
    unit: "ms",
    what: "How far ahead a job schedules its replays.",
  },
  jobRunMsMax: { unit: "ms", what: "Spent on jobs in one run of the dispatcher." },
  jobCallsMax: { unit: "calls", what: "Actions of jobs at the same time, in one run." },
  jobChangesMax: {
    unit: "changes",
    what: "Latest changes of a job by persons that are kept.",
  },
  jobKeptDays: { unit: "days", what: "A job is kept after its last change by a person." },
  countedMax: {
    unit: "messages",
    what: "Counted by one `GET /v1/counts`.",
  },
  outcomesKeptDays: { unit: "days", what: "Counts of outcomes are kept." },
  outcomesDaysMax: { unit: "days", what: "Age of counts of outcomes in an answer." },
  duePageMax: {
    unit: "messages",
    what: "Due messages that the dispatcher reads by one call (Amazon DynamoDB, `BatchGetItem`).",
  },
  dispatchPagesMax: {
    unit: "pages",
    what: "Such pages in work at once in a run, each of another shard.",
  },
  dispatchCallsMax: {
    unit: "calls",
    what: "Writes and sends under way at once in a run.",
  },
  dispatchMarginMs: {
    unit: "ms",
    what: "A run of the dispatcher stops so long before its time-out.",
  },
  localRequestsMax: {
    unit: "requests",
    what: "Under way at once in the local edition. One more is answered `503`, and may be repeated.",
  },
  localBodiesMax: {
    unit: "requests",
    what: "Besides these, requests whose body the local edition is reading. One more, and the oldest is answered `503`.",
  },
  inlineItemBytesMax: {
    unit: "bytes",
    what: "A stored message with headers and body, at its largest. Above this they are an item of their own, so that each change of state still costs one write unit.",
  },
  localInlineItemBytesMax: {
    unit: "bytes",
    what: "The same in the local edition, where it saves two calls of the engine.",
  },
  signingSecretsMax: {
    unit: "secrets",
    what: "Signing secrets of a sender that sign at the same time, during a rotation.",
  },
  overlapMsMax: {
    unit: "ms",
    what: "The previous secrets keep signing after a rotation (`overlap`).",
  },
  dashboardIdleMsMax: {
    unit: "ms",
    what: "A session without use. What the page refreshes by itself does not count.",
  },
  dashboardSessionMsMax: { unit: "ms", what: "A session in any case." },
  dashboardLookMsMax: {
    unit: "ms",
    what: "An operator's look at the messages of a sender, by a key that the dashboard makes for it.",
  },
  signInLinkMsMax: {
    unit: "ms",
    what: "Validity of the sign-in link that a local edition prints at its start.",
  },
  dashboardFormBytesMax: { unit: "bytes", what: "A form sent to the dashboard." },
  senderHistoryDays: {
    unit: "days",
    what: "History of what operators did to a sender.",
  },
  tracestateMembersMax: {
    unit: "members",
    what: "Of a `tracestate`. One with more is left out, and the request is accepted.",
  },
  tracestateCharsMax: {
    unit: "characters",
    what: "A `tracestate`. A longer one is left out, and the request is accepted.",
  },
  spansFlushMsMax: {
    unit: "ms",
    what: "The wait of an invocation for the collector of its spans.",
  },
  spansPauseMs: {
    unit: "ms",
    what: "The time for which nothing is sent to a collector that failed.",
  },
  spansWaitingMax: { unit: "spans", what: "Spans that wait to be sent. More are dropped." },
  labelCharsMax: { unit: "characters", what: "The label of an API key." },
};

const sections: readonly { readonly title: string; readonly about: readonly Limit[] }[] = [
  {
    title: "What you send",
    about: [
      ...([
        "requestBytesMax",
        "batchRequestBytesMax",
        "batchMessagesMax",
        "bodyBytesMax",
        "jsonDepthMax",
        "headersCountMax",
        "headersBytesMax",
      ] as const),
      ...([
        "headerNameCharsMax",
        "targetUrlCharsMax",
        "idCharsMax",
        "timeCharsMax",
        "syntaxPlaceCharsMax",
        "issuesMax",
      ] as const),
    ],
  },
  {
    title: "When it is delivered",
    about: [
      ...(["deliverAheadMsMax", "giveUpAfterMsMax", "attemptsMax", "waitMsMax"] as const),
      ...(["timeoutMsMin", "timeoutMsMax", "retentionDaysMax"] as const),
    ],
  },
  {
    title: "When you read",
    about: [
      ...(["listPageMax", "listPageDefault", "listExaminedMax", "cursorCharsMax"] as const),
      ...(["failuresCountedMax", "countedMax"] as const),
    ],
  },
  {
    title: "When you manage senders",
    about: ["signingSecretsMax", "overlapMsMax", "labelCharsMax"],
  },
  {
    title: "When you use the dashboard",
    about: [
      ...(["dashboardIdleMsMax", "dashboardSessionMsMax", "dashboardLookMsMax"] as const),
      ...(["signInLinkMsMax", "dashboardFormBytesMax"] as const),
    ],
  },
  {
    title: "What comes back from a target",
    about: ["responseBytesMax", "responseTextCharsMax", "failedBodyMsMax"],
  },
];

/** Whatever no section names is on the page all the same. */
const internal = (Object.keys(limits) as Limit[]).filter(
  (limit) => !sections.some(({ about }) => about.includes(limit)),
);

const counted = (count: number, unit: string): string =>
  `${count.toLocaleString("en-US")} ${count === 1 ? unit.replace(/s$/, "") : unit}`;

/** Returns the largest of some units in which a value is whole. */
const inWhole = (value: number, sizes: readonly (readonly [string, number])[]): string => {
  const [unit, size] = sizes.find(([, bytes]) => value % bytes === 0) ?? ["", 1];
  return counted(value / size, unit);
};

const bytes = [
  ["MiB", 1024 * 1024],
  ["KiB", 1024],
  ["bytes", 1],
] as const;
const durations = [
  ...([
    ["days", 86_400_000],
    ["hours", 3_600_000],
    ["minutes", 60_000],
  ] as const),
  ...([
    ["seconds", 1000],
    ["milliseconds", 1],
  ] as const),
];

const inWords = (limit: Limit): string => {
  const { unit } = meanings[limit];
  if (unit === "bytes") return inWhole(limits[limit], bytes);
  // A limit of 24 hours is clearer than one of a day.
  if (unit === "ms" && limits[limit] === 86_400_000) return "24 hours";
  return unit === "ms" ? inWhole(limits[limit], durations) : counted(limits[limit], unit);
};

const tableFor = (about: readonly Limit[]): readonly string[] =>
  tableOf(
    ["What", "Limit", "Name in the code"],
    about.map((limit) => [meanings[limit].what, inWords(limit), code(limit)]),
  );

/** Returns the page of everything that has a maximum. */
export const limitsPage = (): string =>
  [
    generatedFrom("`domain/limits.ts`"),
    "",
    "# Limits",
    "",
    "A request over a limit is refused, with every fault named and nothing stored. 1 KiB is 1,024 bytes.",
    "",
    ...sections.flatMap(({ title, about }) => [`## ${title}`, "", ...tableFor(about), ""]),
    "## Inside",
    "",
    "They limit what Postrider does, not what you send.",
    "",
    ...tableFor(internal),
    "",
  ].join("\n");

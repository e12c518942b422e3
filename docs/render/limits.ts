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
  | "groups";
type Meaning = { readonly unit: Unit; readonly what: string };

/** What each limit is about; to forget one does not compile. */
const meanings: { readonly [L in Limit]: Meaning } = {
  requestBytesMax: {
    unit: "bytes",
    what: "The request to `POST /v1/messages`. It is larger than a body may be, for in JSON one byte of a body can take six characters.",
  },
  batchRequestBytesMax: { unit: "bytes", what: "The request to `POST /v1/messages/batch`." },
  batchMessagesMax: { unit: "messages", what: "The messages of such a request." },
  bodyBytesMax: { unit: "bytes", what: "The body of a message, as it is sent to the target." },
  jsonDepthMax: {
    unit: "levels",
    what: "How deep the JSON of a body may be nested: many receivers cannot read more.",
  },
  headersCountMax: { unit: "headers", what: "The headers that a message brings." },
  headersBytesMax: {
    unit: "bytes",
    what: "Names and values of those headers together, without separators.",
  },
  headerNameCharsMax: { unit: "characters", what: "The name of one header." },
  targetUrlCharsMax: { unit: "characters", what: "`targetUrl`." },
  idCharsMax: {
    unit: "characters",
    what: "`senderId`, out of `A-Z a-z 0-9 _ . : -`, and `messageId`, out of printable ASCII without the space: each of at least one character.",
  },
  timeCharsMax: { unit: "characters", what: "`timestamp`, `deliverAt` and `giveUpAt`." },
  syntaxPlaceCharsMax: {
    unit: "characters",
    what: "A text that is not JSON, up to which the place of the error is always named.",
  },
  issuesMax: {
    unit: "faults",
    what: "How many faults of one request are listed in the answer. The messages of a batch share them out evenly.",
  },
  issuePathPartCharsMax: { unit: "characters", what: "One part of the path of one of them." },
  issueMessageCharsMax: { unit: "characters", what: "What is said of one fault." },
  deliverAheadMsMax: { unit: "ms", what: "How far ahead of its submit `deliverAt` may be." },
  giveUpAfterMsMax: {
    unit: "ms",
    what: "How long after its first possible attempt a message may still be tried (`giveUpAt`).",
  },
  attemptsMax: { unit: "attempts", what: "How many attempts a message or a replay may ask for." },
  replaysMax: { unit: "replays", what: "How often one message can be replayed." },
  waitMsMax: {
    unit: "ms",
    what: "One entry of a retry schedule, and the longest `Retry-After` that is obeyed.",
  },
  timeoutMsMin: {
    unit: "ms",
    what: "The shortest `timeoutMs`.",
  },
  timeoutMsMax: {
    unit: "ms",
    what: "The longest `timeoutMs`: one whole exchange with the target, from the look-up of its name to the last byte of its answer.",
  },
  retentionDaysMax: { unit: "days", what: "How long a message may be kept (`retentionDays`)." },
  responseBytesMax: {
    unit: "bytes",
    what: "How much of a target's answer is read; the rest is cut off.",
  },
  responseTextCharsMax: {
    unit: "characters",
    what: "How much of the answer to a failed attempt is kept, and shown with it.",
  },
  lookUpsMax: {
    unit: "names",
    what: "The names of targets that one process looks up at once; others wait for their turn. A name is looked up once for all who ask for it meanwhile.",
  },
  lookUpMsMax: {
    unit: "ms",
    what: "How long a name may take to be looked up. After that its attempts fail with `dns`, at once until the look-up returns.",
  },
  unneededBodyMsMax: {
    unit: "ms",
    what: "How long a body is read of which nothing is kept, as of an accepted answer, so that its connection can be kept. After that it is closed.",
  },
  failedBodyMsMax: {
    unit: "ms",
    what: "How long the text of an answer to a failed attempt is read. What has come by then is kept.",
  },
  queueDelayMsMax: {
    unit: "ms",
    what: "How far ahead the queue can deliver (Amazon SQS, `DelaySeconds`). Later attempts wait in the table until they are this near.",
  },
  queueBatchMax: {
    unit: "records",
    what: "How many records are sent to the queue at once (Amazon SQS).",
  },
  shardsMax: {
    unit: "shards",
    what: "The partitions that an index may be spread over (`POSTRIDER_SHARDS`).",
  },
  listPageMax: { unit: "items", what: "One page of a list (`limit`)." },
  listPageDefault: { unit: "items", what: "One page of a list that says no `limit`." },
  listExaminedMax: {
    unit: "messages",
    what: "Examined for one page of a list, whether or not they match its filter. The page then ends, with a cursor.",
  },
  cursorCharsMax: { unit: "characters", what: "`cursor`." },
  failuresCountedMax: {
    unit: "messages",
    what: "The latest failures of a sender, which `GET /v1/failures` counts.",
  },
  jobRatePerSecondMax: {
    unit: "messages",
    what: "The rate of a job, in messages a second (`ratePerSecond`).",
  },
  jobBatchMax: { unit: "messages", what: "Messages that a job acts on at a time." },
  jobPlanExaminedMax: {
    unit: "messages",
    what: "Messages that a plan of a job examines. It counts exactly up to so many.",
  },
  jobPlanAgeMsMax: { unit: "ms", what: "How old a plan may be when a job is made of it." },
  jobCountedMax: {
    unit: "messages",
    what: "Messages of a job that one request counts by their states. `nextCursor` counts the next ones.",
  },
  jobPlanGroupsMax: { unit: "groups", what: "Groups that a plan names, the largest first." },
  jobAheadMsMax: {
    unit: "ms",
    what: "How far ahead a job schedules the messages that it replays at its rate.",
  },
  jobRunMsMax: { unit: "ms", what: "How long one run of the dispatcher works at jobs." },
  jobCallsMax: { unit: "calls", what: "Messages that jobs act on at the same time, in one run." },
  jobChangesMax: {
    unit: "changes",
    what: "Changes of a job by persons that are kept, the latest.",
  },
  jobKeptDays: { unit: "days", what: "How long a job is kept after its last change by a person." },
  countedMax: {
    unit: "messages",
    what: "Examined by one `GET /v1/counts`, and so counted at most.",
  },
  outcomesKeptDays: { unit: "days", what: "How long counts of outcomes are kept." },
  outcomesDaysMax: { unit: "days", what: "How old counts of outcomes may be that are asked for." },
  duePageMax: {
    unit: "messages",
    what: "How many messages that are due the dispatcher reads at once (Amazon DynamoDB, `BatchGetItem`).",
  },
  dispatchPagesMax: {
    unit: "pages",
    what: "How many such pages a run of the dispatcher has in work, each of another shard.",
  },
  dispatchCallsMax: {
    unit: "calls",
    what: "How many writes and sends of one run of the dispatcher are under way at the same time.",
  },
  dispatchMarginMs: {
    unit: "ms",
    what: "By when before the end of its time a run of the dispatcher has stopped.",
  },
  localRequestsMax: {
    unit: "requests",
    what: "Under way at the same time in the local edition; one more is answered `503` at once, and may be repeated.",
  },
  localBodiesMax: {
    unit: "requests",
    what: "Those of which the local edition reads the body at the same time, besides those under way. One more has the oldest answered `503`.",
  },
  inlineItemBytesMax: {
    unit: "bytes",
    what: "The stored message, with headers and body, at the end of its life. A larger one has its headers and body in an item of their own, so that each change of state still costs one write unit.",
  },
  localInlineItemBytesMax: {
    unit: "bytes",
    what: "The same in the local edition, which saves two calls of its engine for a message of this size or less.",
  },
  signingSecretsMax: {
    unit: "secrets",
    what: "The signing secrets of one sender that sign at the same time, while its receivers change from one to another.",
  },
  overlapMsMax: {
    unit: "ms",
    what: "How long the previous secrets may keep signing after a rotation (`overlap`).",
  },
  dashboardIdleMsMax: {
    unit: "ms",
    what: "How long a session of the dashboard lasts without use. What the page refreshes by itself is none.",
  },
  dashboardSessionMsMax: { unit: "ms", what: "How long such a session lasts in any case." },
  dashboardLookMsMax: {
    unit: "ms",
    what: "How long an operator may look at the messages of a sender, by the key that the dashboard makes for it.",
  },
  signInLinkMsMax: {
    unit: "ms",
    what: "How long the sign-in link works that a local edition prints at its start.",
  },
  dashboardFormBytesMax: { unit: "bytes", what: "A form that the dashboard is sent." },
  senderHistoryDays: {
    unit: "days",
    what: "How long it is kept what an operator did to a sender.",
  },
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

/** The largest of some units in which a value is whole. */
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

/** The page of everything that has a maximum. */
export const limitsPage = (): string =>
  [
    generatedFrom("`domain/limits.ts`"),
    "",
    "# Limits",
    "",
    "Everything in Postrider has a maximum. A request that is over one is refused, with every fault",
    "named and nothing stored. 1 KiB is 1,024 bytes.",
    "",
    ...sections.flatMap(({ title, about }) => [`## ${title}`, "", ...tableFor(about), ""]),
    "## Inside",
    "",
    "You never meet these, but they explain what you may see.",
    "",
    ...tableFor(internal),
    "",
  ].join("\n");

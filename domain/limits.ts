/**
 * Everything that has a maximum, with its unit in its name. The page
 * `docs/reference/limits.md` is generated from this table.
 */
export const limits = {
  /**
   * The request to `POST /v1/messages`; a body of 256 KiB may take six characters a byte in JSON.
   */
  requestBytesMax: 2 * 1024 * 1024,
  /** The request to `POST /v1/messages/batch`, and its messages. */
  batchRequestBytesMax: 4 * 1024 * 1024,
  batchMessagesMax: 10,
  /** The body of a message, as it is sent. */
  bodyBytesMax: 256 * 1024,
  /**
   * Arrays and objects inside one another, in a body that is a JSON value: for its receiver's sake.
   */
  jsonDepthMax: 500,
  headersCountMax: 50,
  /** Names and values together, without separators. */
  headersBytesMax: 8 * 1024,
  headerNameCharsMax: 256,
  targetUrlCharsMax: 2048,
  idCharsMax: 128,
  /** `timestamp`, `deliverAt` and `giveUpAt`. */
  timeCharsMax: 64,
  /** In a longer text that is not JSON, the place of the error is named only if V8 names it. */
  syntaxPlaceCharsMax: 16 * 1024,
  /** How many faults of one request are listed. */
  issuesMax: 100,
  /** Bounds of one fault: names in its path are the sender's, and may be as long as the request. */
  issuePathPartCharsMax: 64,
  issueMessageCharsMax: 256,
  /** How far ahead the first attempt may be scheduled. */
  deliverAheadMsMax: 30 * 86_400_000,
  /** How long after the first possible attempt a message may still be tried. */
  giveUpAfterMsMax: 14 * 86_400_000,
  attemptsMax: 50,
  /** How often one message can be replayed. */
  replaysMax: 99,
  /** One entry of a retry schedule, and the longest `Retry-After` that is obeyed. */
  waitMsMax: 24 * 3_600_000,
  timeoutMsMin: 100,
  timeoutMsMax: 30_000,
  retentionDaysMax: 365,
  /** How much of a response is read, and how much of it is kept. */
  responseBytesMax: 16 * 1024,
  responseTextCharsMax: 1024,
  /**
   * Names of targets that are looked up at once: the threads that look-ups have, less some for AWS.
   */
  lookUpsMax: 120,
  lookUpMsMax: 10_000,
  /** How long a body that is not kept is read, so that its connection can be reused. */
  unneededBodyMsMax: 250,
  /** How long the text of a failure is read, of which the beginning is kept. */
  failedBodyMsMax: 1000,
  /** How far ahead a queue can deliver (Amazon SQS, `DelaySeconds`). */
  queueDelayMsMax: 900_000,
  queueBatchMax: 10,
  /** Partitions that an index may be spread over. */
  shardsMax: 256,
  /** Items on one page of a list, and where the request does not say how many. */
  listPageMax: 100,
  listPageDefault: 20,
  /** Entries of an index that one page of a list examines, also where few of them match. */
  listExaminedMax: 500,
  cursorCharsMax: 4096,
  /** The latest failures of a sender that are counted by target or reason. */
  failuresCountedMax: 1000,
  /** Of a job: messages a second, and messages that are acted on at a time. */
  jobRatePerSecondMax: 100,
  jobBatchMax: 100,
  /** Messages that a plan examines: it counts exactly up to so many. */
  jobPlanExaminedMax: 10_000,
  /** How old a plan may be when a job is made of it. */
  jobPlanAgeMsMax: 15 * 60_000,
  /** Messages of a job that one request counts by their states. */
  jobCountedMax: 1000,
  /** Groups that a plan names, the largest first. */
  jobPlanGroupsMax: 20,
  /** How far ahead a job schedules the messages that it replays. */
  jobAheadMsMax: 60_000,
  /** How long one run of the dispatcher works at jobs, and on how many messages at a time. */
  jobRunMsMax: 10_000,
  jobCallsMax: 25,
  /** Changes of a job by persons that are kept, the latest. */
  jobChangesMax: 20,
  /** How long a job is kept after its last change by a person. */
  jobKeptDays: 30,
  /** Entries of an index that one count of messages examines; so many are counted at most. */
  countedMax: 10_000,
  /** How long counts of outcomes are kept, and how old those may be that are asked for. */
  outcomesKeptDays: 8,
  outcomesDaysMax: 7,
  /** Messages that the dispatcher reads at once (Amazon DynamoDB, `BatchGetItem`). */
  duePageMax: 100,
  /**
   * Of one run of the dispatcher: pages in work, each of another shard; writes and sends under way.
   */
  dispatchPagesMax: 4,
  dispatchCallsMax: 50,
  /** A page of the dispatcher must be over by so long before the end of its time. */
  dispatchMarginMs: 5000,
  /** Requests under way in the local edition: as many as its engines do in some five seconds. */
  localRequestsMax: 500,
  /** Bodies that it reads at the same time: they hold no place among those requests. */
  localBodiesMax: 500,
  /** A message item of this size or less costs one write unit for each change of its state. */
  inlineItemBytesMax: 1024,
  /** The same in the local edition, where a call costs more than bytes. */
  localInlineItemBytesMax: 8 * 1024,
  /** Signing secrets of one sender that sign at the same time, while receivers change over. */
  signingSecretsMax: 5,
  /** How long the previous secrets may keep signing after a rotation. */
  overlapMsMax: 90 * 86_400_000,
  /** How long a session of the dashboard lasts without use, and in any case. */
  dashboardIdleMsMax: 30 * 60_000,
  dashboardSessionMsMax: 8 * 3_600_000,
  /** How long an operator may look at the messages of a sender, by a key that is made for it. */
  dashboardLookMsMax: 3_600_000,
  /** How long the one-time link of a local edition signs in. */
  signInLinkMsMax: 15 * 60_000,
  /** A form of the dashboard. */
  dashboardFormBytesMax: 64 * 1024,
  /** How long the history of a sender is kept: enough for a yearly audit. */
  senderHistoryDays: 400,
  /** A longer `tracestate` is left out: a tracing system need not pass on more. */
  tracestateMembersMax: 32,
  tracestateCharsMax: 512,
  /** How long an invocation waits for the collector of its spans. */
  spansFlushMsMax: 500,
  /** For how long nothing is sent to a collector that failed: it delays few invocations. */
  spansPauseMs: 10_000,
  /** Spans that wait to be sent. More are dropped. */
  spansWaitingMax: 2048,
  /** The label of an API key. */
  labelCharsMax: 128,
} as const;

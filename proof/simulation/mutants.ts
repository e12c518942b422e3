import { type Tier, tiers } from "./tiers.ts";

/** A fault of ours, as a patch: what a file says, and what a worse one would say. */
export type Mutant = {
  readonly name: string;
  /** From the root of the project. */
  readonly file: string;
  /** Occurs in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** What is lost with it. */
  readonly means: string;
};

/** Within so many schedules of the handlers each of them must be noticed. */
export const mutantSchedules = 6000;

/** Within how many schedules of each tier it is looked for. */
export const schedulesOf: Readonly<Record<Tier, number>> = {
  handlers: mutantSchedules,
  lockstep: 2000,
  walk: 20_000,
};

/** By whom a mutant can be noticed: what is no part of the domain the model does not have. */
export const tiersOf = ({ file }: Mutant): readonly Tier[] => {
  if (file.startsWith("proof/")) return ["lockstep"];
  return file.startsWith("domain/") ? tiers : ["handlers", "lockstep"];
};
/** Who must notice it. */
export const mustNotice = ({ file }: Mutant): Tier =>
  file.startsWith("proof/") ? "lockstep" : "handlers";

/** Those that take hundreds of schedules to notice: too many for every run of the tests. */
export const rareMutants: readonly string[] = [
  "fail-without-fence",
  "claim-without-notBefore",
  "enqueue-without-attempts-and-notBefore",
  "payload-after-message",
  "kept-failure-not-shown",
  "exchange-outlasts-its-function",
  "insists-for-ever",
  "dispatcher-never-stops",
];

const lifecycle = "domain/lifecycle.ts";
const change = "domain/change.ts";

const without = (verb: string, part: string, find: string, rest: string): Mutant => ({
  name: `${verb}-without-${part}`,
  file: lifecycle,
  find,
  replace: rest,
  means: `The write of ${verb} does not ask for ${part}.`,
});

/** Guards of the product, each taken out. The simulation must notice every one of them. */
export const mutants: readonly Mutant[] = [
  without(
    "complete",
    "fence",
    `to: "COMPLETED",
    by: ["worker"],
    seen: ["attempts"],`,
    `to: "COMPLETED",
    by: ["worker"],
    seen: [],`,
  ),
  without(
    "retry",
    "fence",
    `to: "PENDING",
    by: ["worker"],
    seen: ["attempts"],`,
    `to: "PENDING",
    by: ["worker"],
    seen: [],`,
  ),
  without(
    "fail",
    "fence",
    `to: "FAILED",
    by: ["worker"],
    seen: ["attempts"],`,
    `to: "FAILED",
    by: ["worker"],
    seen: [],`,
  ),
  {
    name: "claim-without-notBefore",
    file: "domain/dispatch.ts",
    find: "now: number, clockMarginMs: number): number => now + clockMarginMs;",
    replace: "now: number, clockMarginMs: number): number => now + clockMarginMs + 86_400_000;",
    means: "Neither write of a claim asks whether the time of the attempt has come.",
  },
  without(
    "claim",
    "attempts",
    `seen: ["attempts"],
    notAfter: ["notBefore", "dueAt"],`,
    `seen: [],
    notAfter: ["notBefore", "dueAt"],`,
  ),
  without(
    "claim",
    "the-next-look",
    `notAfter: ["notBefore", "dueAt"],
    set: ["owner", "leaseUntil"],`,
    `notAfter: ["notBefore"],
    set: ["owner", "leaseUntil"],`,
  ),
  {
    name: "claim-sets-a-late-look",
    file: "domain/schedule.ts",
    find: "dueAt: dueAfterLease(now + leaseMs, clockMarginMs),",
    replace: "dueAt: dueAfterLease(now + leaseMs + 900_000, clockMarginMs),",
    means: "A message whose holder has died is looked at a quarter of an hour later.",
  },
  // Each of the two alone is made up for by the other: a retry changes both.
  without(
    "enqueue",
    "attempts-and-notBefore",
    `seen: ["attempts", "notBefore"],
    maySet: ["dueAt"],`,
    `seen: [],
    maySet: ["dueAt"],`,
  ),
  {
    name: "dispatcher-ignores-the-lease",
    file: "domain/dispatch.ts",
    find: "now - clockMarginMs - 1",
    replace: "now + 86_400_000 + 0 * clockMarginMs",
    means: "The dispatcher takes messages away from holders that are alive.",
  },
  {
    name: "no-release",
    file: "domain/dispatch.ts",
    find: `if (status === "PROCESSING" && (leaseUntil ?? 0) <= leaseOverBy(now, clockMarginMs))`,
    replace: "if (leaseUntil === 0)",
    means: "A message whose holder is gone is never given to another.",
  },
  {
    name: "no-resend",
    file: "domain/dispatch.ts",
    find: `if (status === "QUEUED" && isOverdue(notBefore, now))`,
    replace: `if (status === "QUEUED" && isOverdue(notBefore, 0))`,
    means: "A record that was lost is never sent again.",
  },
  {
    name: "answered-before-the-work",
    file: "handlers/worker/worker.ts",
    find: "await deliver(deps, record, clock() + remainingMs);",
    replace: "void deliver(deps, record, clock() + remainingMs).catch(() => {});",
    means: "The worker lets its record be deleted before it has done its work.",
  },
  {
    name: "mark-before-send",
    file: "handlers/put-on-queue.ts",
    find: `  try {
    await queue.send({
      record: nextRecord(message),
      delaySeconds: delaySeconds(message.notBefore, clock()),
    });
  } catch (error) {
    // Somebody else may have marked it: a repeat of the same submit, say. A crash before this
    // leaves a QUEUED message that the dispatcher sends again.
    await messages.rollback(message, { now: clock() });
    throw error;
  }
  const marked = await messages.enqueue(message, { now: clock(), seen: message, before: message });`,
    replace: `  const marked = await messages.enqueue(message, { now: clock(), seen: message, before: message });
  await queue.send({
    record: nextRecord(message),
    delaySeconds: delaySeconds(message.notBefore, clock()),
  });`,
    means: "A message is QUEUED before its record is on the queue.",
  },
  {
    name: "payload-after-message",
    file: "handlers/api/submit.ts",
    find: `if (payload) await payloads.put(message, payload);
  const submitted = await messages.submit(message);`,
    replace: `const submitted = await messages.submit(message);
  if (payload) await payloads.put(message, payload);`,
    means: "A crash leaves a message without its content.",
  },
  {
    name: "payload-by-id",
    file: "entities/payload.ts",
    find: "{of.fingerprint}`,",
    replace: "{of.senderId}`,",
    means: "A submit of other content overwrites the payload of the first.",
  },
  {
    name: "change-was-it-me",
    file: change,
    find: `    owner !== undefined &&
    current.owner === owner &&`,
    replace: `    owner === "" &&`,
    means: "A claim or a settling whose answer was lost does not know itself again.",
  },
  {
    name: "submit-was-it-me",
    file: "entities/message.ts",
    find: "if (current.submitId !== submitId) return",
    replace: "if (rejected) return",
    means: "A submit whose answer was lost takes itself for another.",
  },
  {
    name: "any-write-was-me",
    file: change,
    find: ` &&
    current.status === row.to
  );`,
    replace: ");",
    means: "A holder that was overtaken believes that its write was done.",
  },
  {
    name: "owner-kept-on-release",
    file: lifecycle,
    find: `set: ["notBefore", "dueAt", "lastOutcome"],
    remove: ["leaseUntil", "owner"],`,
    replace: `set: ["notBefore", "dueAt", "lastOutcome"],
    remove: ["leaseUntil"],`,
    means: "A holder takes the release of its message for its own retry.",
  },
  {
    name: "ttl-too-short",
    file: "domain/submission.ts",
    find: "Math.max(createdAt + retentionDays * dayMs, giveUpAt + dayMs) / 1000",
    replace: "(createdAt + dayMs) / 1000",
    means: "A message expires while it is alive.",
  },
  {
    name: "failed-entries-count-as-sent",
    file: "adapters/queue.ts",
    find: "return batch.map((_, index) => sent.has(String(index)));",
    replace: "return batch.map(() => sent.size >= 0);",
    means: "The dispatcher marks messages whose record the queue did not take.",
  },
  {
    name: "retry-keeps-no-due",
    file: "handlers/worker/settle-attempt.ts",
    find: "const due = dueFor(verdict.notBefore, now, graceMs);",
    replace:
      "const due = { ...dueFor(verdict.notBefore, now, graceMs), dueAt: now + 30 * 86_400_000 };",
    means: "Nobody looks after a message that waits for its retry.",
  },
  {
    name: "headers-not-from-payload",
    file: "handlers/worker/exchange.ts",
    find: "openHeaders(vault, message, payload.headers)",
    replace: "openHeaders(vault, message, message.headers)",
    means: "A message whose headers are stored apart goes out without them.",
  },
  {
    name: "body-not-from-payload",
    file: "handlers/worker/exchange.ts",
    find: "{ headers, body: payload.body }",
    replace: "{ headers, body: message.body }",
    means: "A message whose body is stored apart goes out without it.",
  },
  {
    name: "lease-not-looked-at",
    file: "handlers/worker/attempt-time.ts",
    find: `if (deadlineMs <= 0) throw new Error("The lease was over before the request was sent");`,
    replace: "",
    means: "A holder that slept past its lease sends its request all the same.",
  },
  {
    name: "cancel-request-ignored",
    file: lifecycle,
    find: `seen: ["attempts"],
    absent: ["cancelRequestedAt"],
    set: ["notBefore", "dueAt", "lastOutcome"],
    remove: ["leaseUntil"],`,
    replace: `seen: ["attempts"],
    set: ["notBefore", "dueAt", "lastOutcome"],
    remove: ["leaseUntil"],`,
    means: "A message is tried again whose sender wants it cancelled.",
  },
  {
    name: "conflict-accepted",
    file: "handlers/api/submit.ts",
    find: "if (!isRepeat(current.fingerprint, asked, fingerprintMac(deps.vault), compared))",
    replace: "if (current.fingerprint === '')",
    means: "Other content under the same id is acknowledged, and dropped.",
  },
  {
    name: "index-not-left",
    file: lifecycle,
    find: `to: "CANCELLED",
    by: ["sender", "dispatcher"],
    remove: [...schedule],`,
    replace: `to: "CANCELLED",
    by: ["sender", "dispatcher"],
    remove: ["notBefore"],`,
    means: "A message that was cancelled stays among those to be looked after.",
  },
  {
    name: "quarantine-without-moving",
    file: "domain/quarantine.ts",
    find: "now + lookAheadMsMax",
    replace: "now + 0 * lookAheadMsMax",
    means: "An item that nothing can be done about is marked, and stays in front of the others.",
  },
  {
    name: "bad-items-unjudged",
    file: "domain/quarantine.ts",
    find: "if (!bad && item.message)",
    replace: "if (item.message)",
    means: "What nothing can be done about is tried in each run, and refused.",
  },
  {
    name: "bad-item-holds-up-its-page",
    file: "handlers/dispatcher/page.ts",
    find: `is.kind === "sound" ? [is.message] : []`,
    replace: `is.kind === "sound" && judged.every((each) => each.is.kind === "sound") ? [is.message] : []`,
    means: "Nothing is looked after beside an item that nothing can be done about.",
  },
  {
    name: "first-page-only",
    file: "handlers/dispatcher/dispatcher.ts",
    find: "isLast: page.cursor === null",
    replace: "isLast: true",
    means: "A run of the dispatcher looks at one page of each shard, and at nothing behind it.",
  },
  {
    name: "secrets-logged",
    file: "handlers/worker/conclude.ts",
    find: "targetHost: new URL(message.targetUrl).host,",
    replace: "targetHost: message.targetUrl,",
    means: "The log shows a URL with its query.",
  },
  {
    name: "backoff-ignored",
    file: "domain/retry.ts",
    find: "(scheduleMs[position] ?? 0) * jitter",
    replace: "0 * (scheduleMs[position] ?? 0) * jitter",
    means: "A target that fails is asked again at once.",
  },
  {
    name: "backoff-moved-too-far",
    file: "domain/retry.ts",
    find: "const jitterShare = 0.2;",
    replace: "const jitterShare = 0.4;",
    means: "Waits are moved at random by twice as much as is said.",
  },
  {
    name: "retry-after-ignored",
    file: "domain/retry.ts",
    find: "return Math.max(wait, Math.min(retryAfterMs, limits.waitMsMax));",
    replace: "return retryAfterMs < 0 ? limits.waitMsMax : wait;",
    means: "A target that asks for time is not given any.",
  },
  {
    name: "retry-after-for-years",
    file: "domain/retry.ts",
    find: "Math.min(retryAfterMs, limits.waitMsMax)",
    replace: "Math.max(0, Math.min(retryAfterMs, 9 * limits.waitMsMax))",
    means: "A target can put its messages off for longer than a day.",
  },
  {
    name: "retry-after-shortens",
    file: "domain/retry.ts",
    find: "return Math.max(wait,",
    replace:
      "if (retryAfterMs > 0) return Math.min(retryAfterMs, limits.waitMsMax);\n  return Math.max(wait,",
    means: "A target can have itself asked sooner than the schedule says.",
  },
  {
    name: "retry-after-giveUpAt",
    file: "domain/retry.ts",
    find: "if (isTooLate(facts, notBefore))",
    replace: "if (isTooLate(facts, 0))",
    means: "A message waits for an attempt that would come too late.",
  },
  {
    name: "given-up-too-soon",
    file: "domain/retry.ts",
    find: "if (isTooLate(facts, notBefore))",
    replace: "if (isTooLate(facts, notBefore + 3_600_000))",
    means: "A message is given up while there is time for another attempt.",
  },
  {
    name: "sent-after-giveUpAt",
    file: "handlers/worker/attempt-time.ts",
    find: 'if (isTooLate(message, now)) return "too-late";',
    replace: "void isTooLate;",
    means: "A message that has waited for too long is sent all the same.",
  },
  {
    name: "gone-tried-again",
    file: "domain/outcome.ts",
    find: "if (status === 410)",
    replace: "if (status === 499)",
    means: "A target that is gone for good is asked again.",
  },
  {
    name: "failure-said-to-be-unknown",
    file: "handlers/worker/settle-attempt.ts",
    find: "class: classOf(outcome),",
    replace: 'class: outcome.kind === "accepted" ? classOf(outcome) : "unknown",',
    means: "A message keeps of its failures that nobody knows what came of them.",
  },
  {
    name: "kept-failure-not-shown",
    file: "domain/history.ts",
    find: 'last.class !== "unknown"',
    replace: 'last.class === "accepted"',
    means: "A failure that could not be stored is unknown, though the message keeps it.",
  },
  {
    name: "overtaken-not-kept",
    file: "handlers/worker/conclude.ts",
    find: 'if (settled.kind !== "done" && outcome.kind === "accepted")',
    replace: "if (settled === undefined)",
    means: "That the target accepted an attempt is forgotten if its message was taken over.",
  },
  {
    name: "retry-left-to-the-dispatcher",
    file: "handlers/worker/conclude.ts",
    find: 'if (status === "PENDING") await putOnQueueIfNear(deps, message);',
    replace: "void putOnQueueIfNear;",
    means: "Each retry comes minutes later than it may.",
  },
  {
    name: "payload-read-as-it-was",
    file: "entities/payload.ts",
    find: "await readItem(storage, itemOf(keyFields(of)));",
    replace: `(
      await storage.client.send(
        new (await import("@aws-sdk/client-dynamodb")).GetItemCommand({
          ...{ TableName: storage.table, Key: itemOf(keyFields(of)) },
        }),
      )
    ).Item;`,
    means: "A payload that was stored a moment ago is not found.",
  },
  {
    name: "index-is-never-late",
    file: "entities/due-items.ts",
    find: `          KeyConditionExpression: "#pk = :shard AND #sk <= :now",
          ExpressionAttributeNames: { "#pk": due.pk, "#sk": due.sk },
          ExpressionAttributeValues: { ":shard": { S: dueShard }, ":now": { N: String(now) } },`,
    replace: `          KeyConditionExpression: "#pk = :shard AND #sk BETWEEN :from AND :now",
          ExpressionAttributeNames: { "#pk": due.pk, "#sk": due.sk },
          ExpressionAttributeValues: {
            ":shard": { S: dueShard },
            ":from": { N: String(now - 100_000) },
            ":now": { N: String(now) },
          },`,
    means: "What the index shows later than a run of the dispatcher is never looked at.",
  },
  {
    name: "exchange-outlasts-its-function",
    file: "domain/deadline.ts",
    find: ", endsAt - settleMs - now)",
    replace: ", endsAt * settleMs)",
    means: "A worker is stopped while it waits for an answer.",
  },
  {
    name: "insists-for-ever",
    file: "handlers/retry-until.ts",
    find: "if (clock() + pauseMs + slowestMs + clientPausesMs >= until)",
    replace: "if (clock() + pauseMs + slowestMs + clientPausesMs < 0 * until)",
    means: "A worker repeats its write until it is stopped.",
  },
  {
    name: "outbox-without-payload",
    file: "entities/submit-entries.ts",
    find: "  if (payload) {",
    replace: "  if (payload && !message.payload) {",
    means: "A transaction stores a large message without its content.",
  },
  {
    name: "outbox-without-duplicate-check",
    file: "entities/submit-entries.ts",
    find: "const put = newMessagePut(storage.table, message);",
    replace:
      "const { TableName, Item: all } = newMessagePut(storage.table, message); const put = { TableName, Item: all };",
    means: "A transaction replaces a message that has its id.",
  },
  {
    name: "outbox-was-it-me",
    file: "outbox/sent.ts",
    find: 'if (current.submitId === message.submitId) return "committed";',
    replace: 'if (current.submitId !== message.submitId) return "committed";',
    means: "A service takes the message of another for its own.",
  },
  {
    name: "dispatcher-never-stops",
    file: "domain/pace.ts",
    find: "remainingMs - pauseMs - slowestPageMs > limits.dispatchMarginMs",
    replace: "remainingMs - pauseMs - slowestPageMs > -99 * limits.dispatchMarginMs",
    means: "A run of the dispatcher begins another page when its time is over.",
  },
];

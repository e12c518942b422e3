import type { Mutant } from "../simulation/mutants.ts";

/**
 * The actors of the model, each made to tell something that the handlers do not do. The real
 * handlers in step with them must notice every one.
 */
export const modelMutants: readonly Mutant[] = [
  {
    name: "model-submit-sends-nothing-of-another",
    file: "proof/model/ingestion.ts",
    find: "const isCancelled = isOutbox && message.submitId !== who;",
    replace: "const isCancelled = message.submitId !== who;",
    means: "A submit that repeats another leaves the record to it.",
  },
  {
    name: "model-marks-at-once",
    file: "proof/model/put-on-queue.ts",
    find: `return sending((world) => become(world, index, { ...again, at: "mark" }));`,
    replace: "return sending((world) => finish(world, true));",
    means: "Nobody marks a message QUEUED after its record was sent.",
  },
  {
    name: "model-keeps-the-mark",
    file: "proof/model/put-on-queue.ts",
    find: `const failed = (world: World): void => become(world, index, { ...again, at: "rollback" });`,
    replace: "const failed = (world: World): void => finish(world, false);",
    means: "A mark stays although the record was not sent.",
  },
  {
    name: "model-claims-once",
    file: "proof/model/worker.ts",
    find: "if (!isOnlyPutOff) return finishing(piece)(world);",
    replace: "if (!isOnlyPutOff || actor.record > 0) return finishing(piece)(world);",
    means: "A claim that is refused for its next check is not made again.",
  },
  {
    name: "model-lease-is-shorter",
    file: "proof/model/worker.ts",
    find: "const { leaseUntil, dueAt } = leaseFrom(clock, { leaseMs, clockMarginMs });",
    replace: "const { leaseUntil, dueAt } = leaseFrom(clock - 1, { leaseMs, clockMarginMs });",
    means: "A lease ends a millisecond sooner.",
  },
  {
    name: "model-drops-what-came-too-late",
    file: "proof/model/attempt.ts",
    find: `      put(world, actor.record, "ready");`,
    replace: "",
    means: "The record of a holder whose lease was over does not come back.",
  },
  {
    name: "model-does-not-abandon",
    file: "proof/model/attempt.ts",
    find: "if (isRefused && cancelRequestedAt !== undefined)",
    replace: "if (isRefused && cancelRequestedAt === 0)",
    means: "An attempt whose message was to be cancelled is left to the dispatcher.",
  },
  {
    name: "model-postpones-by-another-time",
    file: "proof/model/dispatcher.ts",
    find: `dueAfterLook({ status: "QUEUED", notBefore }, now, clockMarginMs)`,
    replace: `dueAfterLook({ status: "QUEUED", notBefore: now }, now, clockMarginMs)`,
    means: "However long a message has waited, it is looked at again as soon.",
  },
  {
    name: "model-releases-and-sends-nothing",
    file: "proof/model/dispatcher.ts",
    find: `if (actor.at === "release" && isSendable && attempts !== undefined)`,
    replace: `if (actor.at === "release" && isSendable && attempts === undefined)`,
    means: "The dispatcher leaves the record of what it has released to its next run.",
  },
  {
    name: "model-replays-at-once",
    file: "proof/model/ingestion.ts",
    find: `...(deliver !== "now" && { deliverAt: now + waitsMs[deliver] }),`,
    replace: "",
    means: "A cancelled message that is replayed does not wait for the time it was to be sent at.",
  },
  {
    name: "model-send-now-is-refused",
    file: "proof/model/people.ts",
    find: `const current = sentNow.kind === "done" ? sentNow.message : sentNow.current;`,
    replace: `const current = sentNow.kind === "done" ? sentNow.message : undefined;`,
    means: "Who wants a message sent that somebody else was faster with sends nothing.",
  },
  {
    name: "model-erases-nothing",
    file: "proof/model/erase.ts",
    find: "const set = { erasedAt: now, payload: true };",
    replace: "const set = { payload: true };",
    means: "An erasure does not mark the message.",
  },
];

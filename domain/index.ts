/** The decisions of Postrider as pure functions: no clock, randomness, environment or vendor. */
export * from "./api-key.ts";
export type { Attempt, AttemptView } from "./attempt.ts";
export * from "./change.ts";
export * from "./dispatch.ts";
export { fingerprintOf, isRepeat } from "./fingerprint.ts";
export * from "./lifecycle.ts";
export { limits } from "./limits.ts";
export * from "./message.ts";
export * from "./outcome.ts";
export * from "./record.ts";
export * from "./retry.ts";
export * from "./schedule.ts";
export { failedShardOf, shardOf } from "./shard.ts";
export { signatureHeader, webhookId } from "./signature.ts";
export * from "./signing-secrets.ts";
export * from "./submission.ts";

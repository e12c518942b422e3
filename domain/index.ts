/** The decisions of Postrider as pure functions: no clock, randomness, environment or vendor. */
export {
  type ApiKey,
  formatApiKey,
  hashApiKey,
  isApiKey,
  isKeyId,
  isUsable,
  keyEntropyBytes,
  keyIdOf,
  labelPattern,
  type OperatorScope,
  operatorScopes,
  type Scope,
  scopes,
} from "./api-key.ts";
export type { Attempt, AttemptView } from "./attempt.ts";
export {
  type AnyChange,
  allows,
  alwaysRemoved,
  type Change,
  evolve,
  isOwnWrite,
  meets,
  type OnTransition,
  statusAfter,
  type Transition,
  writes,
} from "./change.ts";
export { type Act, awaitsRecord, decideAct, leaseOverBy, startableBy } from "./dispatch.ts";
export { fingerprintOf, isRepeat } from "./fingerprint.ts";
export {
  type Actor,
  type ChangeVerb,
  changeVerbs,
  type Field,
  lifecycle,
  type Row,
  stampOf,
  type Verb,
  verbs,
} from "./lifecycle.ts";
export { limits } from "./limits.ts";
export {
  type BodyType,
  bodyTypes,
  defaultMethod,
  type FailReason,
  failReasons,
  isExpired,
  isStatus,
  isTerminal,
  type LastOutcome,
  type Message,
  type MessageKey,
  type Status,
  statuses,
  terminalStatuses,
} from "./message.ts";
export {
  classOf,
  type Exchange,
  isAccepted,
  judge,
  type NoAnswerClass,
  noAnswerClasses,
  type Outcome,
  parseRetryAfter,
  type Timings,
} from "./outcome.ts";
export { type DeliveryRecord, nextRecord } from "./record.ts";
export {
  type AttemptFacts,
  decideVerdict,
  factsOf,
  isTooLate,
  type Verdict,
  waitMs,
} from "./retry.ts";
export {
  type Due,
  delaySeconds,
  dueAfterLease,
  dueAfterLook,
  dueAfterSend,
  dueFor,
  isNear,
  isOverdue,
  leaseFrom,
  lookAheadMsMax,
} from "./schedule.ts";
export { failedShardOf, shardOf } from "./shard.ts";
export { signatureHeader, webhookId } from "./signature.ts";
export {
  overlapMsDefault,
  type Rotation,
  rotate,
  type SigningSecret,
  type SigningSecrets,
  secretIdOf,
  signingAt,
  signingSecretBytes,
} from "./signing-secrets.ts";
export { giveUpAfterMs, newMessage, type Policy, type Submission, ttlOf } from "./submission.ts";

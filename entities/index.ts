/**
 * The stored items of Postrider, for worker Lambdas that share its table. The methods of a store
 * are the verbs of the lifecycle; every change of state is one conditional write.
 */
export { type ActionStore, actionStore } from "./action.ts";
export { type ApiKeyStore, apiKeyStore } from "./api-key.ts";
export { type AttemptStore, attemptStore } from "./attempt.ts";
export type { DueItem, DuePage } from "./due-items.ts";
export { type History, historyReader } from "./history.ts";
export { type MessageStore, messageStore, type Submitted } from "./message.ts";
export type { Changed } from "./message-change.ts";
export { type Payload, type PayloadStore, payloadStore } from "./payload.ts";
export {
  type NewSender,
  type SecretsChanged,
  type Sender,
  type SenderStore,
  senderStore,
} from "./sender.ts";
export type { Storage } from "./storage.ts";
export { createTableInput, tableDescription } from "./table.ts";

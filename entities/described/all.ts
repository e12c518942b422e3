/** What `loadEntities` loads: one file, when the first of them is needed. */
export { actionEntity } from "./action.ts";
export { apiKeyEntity } from "./api-key.ts";
export { attemptEntity } from "./attempt.ts";
export { jobEntity } from "./job.ts";
export { jobBatchEntity } from "./job-batch.ts";
export { keyEntryEntity } from "./key-entry.ts";
export { outcomesEntity } from "./outcomes.ts";
export { payloadEntity } from "./payload.ts";
export { senderEntity } from "./sender.ts";
export { senderChangeEntity } from "./sender-change.ts";
export { senderEntryEntity } from "./sender-entry.ts";

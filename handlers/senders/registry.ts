import { type ApiKeyStore, apiKeyStore } from "../../entities/api-key.ts";
import { type KeyEntryStore, keyEntryStore } from "../../entities/key-entry.ts";
import { type SenderStore, senderStore } from "../../entities/sender.ts";
import { type SenderChangeStore, senderChangeStore } from "../../entities/sender-change.ts";
import { type SenderEntryStore, senderEntryStore } from "../../entities/sender-entry.ts";
import type { Storage } from "../../entities/storage.ts";

/** The stores of senders and keys, of the entries that list them, and of what was done to them. */
export type Registry = {
  readonly senders: SenderStore;
  readonly apiKeys: ApiKeyStore;
  readonly senderEntries: SenderEntryStore;
  readonly keyEntries: KeyEntryStore;
  readonly senderChanges: SenderChangeStore;
};

export const registryOf = (storage: Storage): Registry => ({
  senders: senderStore(storage),
  apiKeys: apiKeyStore(storage),
  senderEntries: senderEntryStore(storage),
  keyEntries: keyEntryStore(storage),
  senderChanges: senderChangeStore(storage),
});

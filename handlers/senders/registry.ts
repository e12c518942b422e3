import { type ApiKeyStore, apiKeyStore } from "../../entities/api-key.ts";
import { type KeyEntryStore, keyEntryStore } from "../../entities/key-entry.ts";
import { type SenderStore, senderStore } from "../../entities/sender.ts";
import { type SenderEntryStore, senderEntryStore } from "../../entities/sender-entry.ts";
import type { Storage } from "../../entities/storage.ts";

/** The stores of senders and keys, and of the entries that list them. */
export type Registry = {
  readonly senders: SenderStore;
  readonly apiKeys: ApiKeyStore;
  readonly senderEntries: SenderEntryStore;
  readonly keyEntries: KeyEntryStore;
};

export const registryOf = (storage: Storage): Registry => ({
  senders: senderStore(storage),
  apiKeys: apiKeyStore(storage),
  senderEntries: senderEntryStore(storage),
  keyEntries: keyEntryStore(storage),
});

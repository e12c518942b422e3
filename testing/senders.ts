import type { Clock } from "../adapters/clock.ts";
import type { Vault } from "../adapters/vault.ts";
import { type Postrider, postriderOver } from "../client/postrider.ts";
import { scopes } from "../domain/api-key.ts";
import { isSenderId } from "../domain/ids.ts";
import type { SenderDefaults } from "../entities/sender.ts";
import type { Storage } from "../entities/storage.ts";
import { enrolNew } from "../handlers/enrol.ts";
import { registryOf } from "../handlers/senders/registry.ts";

/** Sends a request to the HTTP interface: only path and query of the URL count. */
export type TestFetch = (
  url: string,
  init?: {
    readonly method?: string | undefined;
    readonly headers?: Readonly<Record<string, string>> | undefined;
    readonly body?: string | undefined;
  },
) => Promise<{
  readonly status: number;
  readonly headers: { readonly get: (name: string) => string | null };
  readonly text: () => Promise<string>;
  readonly json: () => Promise<unknown>;
  readonly arrayBuffer: () => Promise<ArrayBuffer>;
}>;

/** A sender, and what its own services would have of it. */
export type TestSender = {
  readonly senderId: string;
  /** A client of `postrider/client` that asks the handlers in this process. */
  readonly client: Postrider;
  readonly apiKey: string;
  /** What its receivers verify deliveries with: `whsec_…`. */
  readonly signingSecret: string;
};

/** Creates a sender. Rejects if its id is invalid or taken. */
export type AddSender = (senderId: string, defaults?: SenderDefaults) => Promise<TestSender>;

/** Nothing of it is ever asked for: `fetch` is given. */
export const testUrl = "http://postrider.test";

export const senderMaker =
  ({
    storage,
    vault,
    clock,
    fetch,
  }: {
    readonly storage: Storage;
    readonly vault: Vault;
    readonly clock: Clock;
    readonly fetch: TestFetch;
  }): AddSender =>
  async (senderId, defaults = {}) => {
    if (!isSenderId(senderId))
      throw new TypeError(`${JSON.stringify(senderId)} is not a sender id`);
    const deps = { ...registryOf(storage), vault, clock };
    const asked = { senderId, defaults, scopes, label: "test" };
    const { apiKey, signingSecret } = await enrolNew(deps, asked);
    // A repeat would be made by a clock that stands still: it is the test's to make it.
    const outside = { fetch, now: clock, random: () => 0.5, sleep: async () => {} };
    const client = postriderOver(outside)({ url: testUrl, key: apiKey, senderId, requestsMax: 1 });
    return { senderId, client, apiKey, signingSecret };
  };

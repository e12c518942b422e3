import { LRUCache } from "lru-cache";
import type { Chance } from "../adapters/chance.ts";
import type { Clock } from "../adapters/clock.ts";
import { sqsQueue } from "../adapters/queue.ts";
import type { Vault } from "../adapters/vault.ts";
import { parseTraceContext, storedTrace } from "../domain/trace-context.ts";
import { messageStore } from "../entities/message.ts";
import { type Sender, senderStore } from "../entities/sender.ts";
import type { Storage } from "../entities/storage.ts";
import { draftOf, itemsOf } from "../handlers/submission/draft.ts";
import { invalid } from "../handlers/submission/issues.ts";
import { pastGiveUpAt } from "../handlers/submission/parser.ts";
import { policyFor } from "../handlers/submission/policy.ts";
import { targetPolicyOf } from "../handlers/target-policy.ts";
import { messageParser, type OutboxMessage, secretFaults } from "./message.ts";
import { type OutboxOptions, readOptions } from "./options.ts";
import { type Sent, sentOf } from "./sent.ts";

/** The trace that a message belongs to (W3C Trace Context), which is handed on to its target. */
export type SendOptions = {
  /** One that is not valid is ignored, as at the HTTP door. */
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
};

export type Outbox = {
  /**
   * Makes the entries of a message for a transaction. Stores nothing by itself. Throws a `Problem`
   * with every fault if the HTTP door would refuse the message.
   */
  readonly send: (message: OutboxMessage, options?: SendOptions) => Promise<Sent>;
};

/** As the HTTP door does: a change of a sender's defaults may take a minute to be seen. */
const rememberMs = 60_000;
const rememberedMax = 10_000;

const rememberedSenders = (storage: Storage, clock: Clock) => {
  const senders = senderStore(storage);
  return new LRUCache<string, Sender>({
    // Counted by size: with `max` there is room for all of them from the start.
    ...{ maxSize: rememberedMax, sizeCalculation: () => 1 },
    ...{ ttl: rememberMs, ttlResolution: 0, perf: { now: clock } },
    // Only senders that exist: a new one can be used at once.
    fetchMethod: (senderId) => senders.get(senderId),
  });
};

/** Nothing could sign its messages. */
const unknownSender = { path: ["senderId"], message: "is not a sender that exists" };

/** Without keys nothing is sealed, and no stored fingerprint under a key is that of this message. */
const withoutKeys: Vault = {
  seal: () => {
    throw new Error("The outbox has no master keys");
  },
  open: () => {
    throw new Error("The outbox has no master keys");
  },
  mac: () => "",
};

/** Returns a maker of outboxes. `outbox` of the package has the clock and chance of the system. */
export const outboxOver =
  ({ clock, chance }: { readonly clock: Clock; readonly chance: Chance }) =>
  (storage: Storage, options: OutboxOptions = {}): Outbox => {
    const { vault = withoutKeys, ...settings } = readOptions(options);
    const parse = messageParser(targetPolicyOf(settings));
    const senders = rememberedSenders(storage, clock);
    const deps = { ...settings, vault, clock, storage, messages: messageStore(storage) };
    const queue = options.queue && sqsQueue(options.queue.client, options.queue.url);

    const send: Outbox["send"] = async (given, { traceparent, tracestate } = {}) => {
      const trace = storedTrace(parseTraceContext(traceparent, tracestate));
      const asked = { ...parse(given, clock()), ...trace };
      const sender = await senders.fetch(asked.senderId);
      const faults = [
        ...(vault === withoutKeys ? secretFaults(asked) : []),
        ...(sender ? [] : [unknownSender]),
      ];
      if (!sender || faults.length > 0) throw invalid(faults);

      const facts = { now: clock(), submitId: chance.token() };
      const draft = draftOf(deps, asked, policyFor(sender, settings), facts);
      // The HTTP door accepts a repeat that is too late. No transaction would store one.
      if (draft.message.giveUpAt <= draft.message.createdAt) throw invalid([pastGiveUpAt]);
      return sentOf({ ...deps, queue }, { asked, draft, items: itemsOf(deps, draft) });
    };
    return { send };
  };

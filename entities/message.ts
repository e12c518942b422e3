import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { AnyChange, Change, OnTransition } from "../domain/change.ts";
import { itemBytes } from "../domain/item-size.ts";
import { type ChangeVerb, changeVerbs } from "../domain/lifecycle.ts";
import { limits } from "../domain/limits.ts";
import { isExpired, type Message, type MessageKey } from "../domain/message.ts";
import { failedShardOf } from "../domain/shard.ts";
import { conditionalWrite } from "./conditional-write.ts";
import { type DueStore, dueStore } from "./due-items.ts";
import { type Changed, changeMessage, readMessage } from "./message-change.ts";
import { messageFields, messageIn } from "./message-item.ts";
import { newMessagePut } from "./message-put.ts";
import { itemOf } from "./raw-item.ts";
import type { Storage } from "./storage.ts";

export type Submitted =
  | { readonly kind: "stored"; readonly message: Message }
  | { readonly kind: "taken"; readonly current: Message };

type Verbs = {
  readonly [V in ChangeVerb]: (key: MessageKey, change: Change<V>) => Promise<Changed>;
};

/**
 * The messages of the table. Each verb of the lifecycle is one conditional write. A refused
 * condition is a returned value; errors of the SDK are thrown.
 */
export type MessageStore = Verbs &
  DueStore & {
    /** Stores a new message unless a message that has not expired has its id. */
    readonly submit: (message: Message) => Promise<Submitted>;
    /** Returns the message, or `undefined` if there is none or it is past its `ttl`. */
    readonly get: (key: MessageKey, now: number) => Promise<Message | undefined>;
    /** Tells whether each change of state of the message costs one write unit until its end. */
    readonly fitsInline: (message: Message) => boolean;
    /** Returns the same store with another observer of transitions. */
    readonly observedBy: (onTransition: OnTransition) => MessageStore;
  };

/**
 * Returns the largest value that each attribute can get in the life of a message. `erasedAt` is
 * left out: an erased message has no content, which is larger.
 */
const atItsLargest = (message: Message): Message => {
  const at = 9_999_999_999_999;
  const { now: _, ...ends } = {
    now: at,
    queuedAt: at,
    processingAt: at,
    completedAt: at,
    failedAt: at,
    cancelledAt: at,
    leaseUntil: at,
    cancelRequestedAt: at,
  };
  return {
    ...message,
    ...ends,
    status: "PROCESSING",
    attempts: 999,
    replays: 99,
    attemptsBefore: 999,
    owner: message.submitId,
    lastOutcome: { attempt: 999, class: "target-blocked", status: 999, at },
    failReason: "attempts-exhausted",
    failedShard: failedShardOf(message, message.senderShard),
  };
};

const verbsOf = (storage: Storage, onTransition: OnTransition): Verbs => {
  const verbs: Partial<Record<ChangeVerb, unknown>> = {};
  for (const verb of changeVerbs)
    verbs[verb] = (key: MessageKey, change: AnyChange) =>
      changeMessage(storage, verb, key, change, onTransition);
  return verbs as Verbs;
};

const putCommandOf = (table: string, message: Message): PutItemCommand => {
  const { Item, ExpressionAttributeValues, ...put } = newMessagePut(table, message);
  return new PutItemCommand({
    ...put,
    Item: itemOf(Item),
    ExpressionAttributeValues: itemOf(ExpressionAttributeValues),
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
};

const submit =
  (storage: Storage, onTransition: OnTransition): MessageStore["submit"] =>
  async (message) => {
    const { senderId, messageId, submitId } = message;
    const put = storage.client.send(putCommandOf(storage.table, message));
    const { rejected, item } = await conditionalWrite(put);
    const refusing = async () =>
      (item && messageIn(item)) ?? (await readMessage(storage, { senderId, messageId }));
    const current = rejected ? await refusing() : message;
    if (!current) throw new Error("The put of the message was refused, and no message has its id");
    // The SDK retries a put whose answer was lost. The token identifies its own first try.
    if (current.submitId !== submitId) return { kind: "taken", current };
    onTransition({ senderId, messageId, verb: "submit", to: "PENDING" });
    return { kind: "stored", message: current };
  };

const storeOver = (storage: Storage, due: DueStore, onTransition: OnTransition): MessageStore => ({
  ...verbsOf(storage, onTransition),
  ...due,
  submit: submit(storage, onTransition),
  get: async (key, now) => {
    const message = await readMessage(storage, key);
    return message && !isExpired(message, now) ? message : undefined;
  },
  fitsInline: (message) =>
    itemBytes(messageFields(atItsLargest(message))) <=
    (storage.inlineItemBytesMax ?? limits.inlineItemBytesMax),
  observedBy: (other) => storeOver(storage, due, other),
});

/**
 * Opens the messages of a table. `onTransition` is called for every change of state that happens.
 */
export const messageStore = (
  storage: Storage,
  onTransition: OnTransition = () => {},
): MessageStore => storeOver(storage, dueStore(storage), onTransition);

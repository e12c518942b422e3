import type { Clock } from "../adapters/clock.ts";
import type { Queue } from "../adapters/queue.ts";
import type { Vault } from "../adapters/vault.ts";
import { isRepeat } from "../domain/fingerprint.ts";
import type { Status } from "../domain/message.ts";
import { isNear } from "../domain/schedule.ts";
import type { Submission } from "../domain/submission.ts";
import type { MessageStore } from "../entities/message.ts";
import type { Storage } from "../entities/storage.ts";
import {
  type DocumentEntry,
  type Entry,
  rawEntry,
  submitEntries,
} from "../entities/submit-entries.ts";
import { putOnQueue } from "../handlers/put-on-queue.ts";
import { fingerprintMac } from "../handlers/secret-headers.ts";
import type { Draft, Items } from "../handlers/submission/draft.ts";

/** What `dispatch` came to. Left to the dispatcher means later, never lost. */
export type Dispatched =
  /** The record is on the queue. */
  | { readonly kind: "sent"; readonly status: Status }
  /** The dispatcher sends the record: `deliverAt` is far, the outbox has no queue, or that failed. */
  | { readonly kind: "left"; readonly because: "far" | "no-queue" }
  | { readonly kind: "left"; readonly because: "failed"; readonly error: unknown };

/**
 * What is stored under the message's id: this message, so its transaction committed; one that was
 * stored before, with the same content or with another; or none.
 */
export type Outcome = "committed" | "duplicate" | "conflict" | "absent";

/** A message that is stored by the caller's transaction, and exists exactly if that commits. */
export type Sent = {
  readonly messageId: string;
  /** The message, and its payload if it is large: one or two entries for `TransactWriteItems`. */
  readonly entries: readonly Entry[];
  /** The same for a document client, and for `transaction.write` of an ElectroDB service. */
  readonly documents: readonly DocumentEntry[];
  /**
   * Sends the record to the queue, after the commit. Never throws: what fails here, or is never
   * called because the process died, is done by the dispatcher. Calling it again is harmless.
   */
  readonly dispatch: () => Promise<Dispatched>;
  /** Reads what is stored: why a transaction was cancelled, or whether one committed. */
  readonly outcome: () => Promise<Outcome>;
};

type Deps = {
  readonly storage: Storage;
  readonly messages: MessageStore;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly queue?: Queue | undefined;
};

/**
 * The commit leaves a PENDING message whose `dueAt` is the grace after its time, as a submit does
 * before it sends the record. A crash before the record is sent leaves that to the dispatcher; one
 * after it, and before the mark, leaves a PENDING message with a record, which a worker claims.
 */
const dispatchOnce = async (deps: Deps, { message }: Items): Promise<Dispatched> => {
  const { queue, clock } = deps;
  const { notBefore } = message;
  if (notBefore === undefined || !isNear(notBefore, clock()))
    return { kind: "left", because: "far" };
  if (!queue) return { kind: "left", because: "no-queue" };
  try {
    const { status } = await putOnQueue({ ...deps, queue }, { ...message, notBefore });
    return { kind: "sent", status };
  } catch (error) {
    return { kind: "left", because: "failed", error };
  }
};

const outcomeOf = async (
  { messages, vault, clock }: Deps,
  asked: Submission,
  { message, compared }: Draft,
): Promise<Outcome> => {
  const current = await messages.get(message, clock());
  if (!current) return "absent";
  if (current.submitId === message.submitId) return "committed";
  return isRepeat(current.fingerprint, asked, fingerprintMac(vault), compared)
    ? "duplicate"
    : "conflict";
};

/** Returns what the caller gets of a message that is made. */
export const sentOf = (
  deps: Deps,
  {
    asked,
    draft,
    items,
  }: { readonly asked: Submission; readonly draft: Draft; readonly items: Items },
): Sent => {
  const documents = submitEntries(deps.storage, items);
  let dispatching: Promise<Dispatched> | undefined;
  const dispatch = async (): Promise<Dispatched> => {
    dispatching ??= dispatchOnce(deps, items);
    const dispatched = await dispatching;
    // What was left may be tried again.
    if (dispatched.kind === "left") dispatching = undefined;
    return dispatched;
  };
  return {
    messageId: asked.messageId,
    entries: documents.map(rawEntry),
    documents,
    dispatch,
    outcome: () => outcomeOf(deps, asked, draft),
  };
};

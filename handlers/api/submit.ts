import type { Chance } from "../../adapters/chance.ts";
import type { Clock } from "../../adapters/clock.ts";
import type { Queue } from "../../adapters/queue.ts";
import type { Vault } from "../../adapters/vault.ts";
import {
  comparedBody,
  fingerprintApart,
  fingerprintOf,
  isRepeat,
} from "../../domain/fingerprint.ts";
import type { Message } from "../../domain/message.ts";
import { Problem } from "../../domain/problem.ts";
import { isNear } from "../../domain/schedule.ts";
import { newMessage, type Policy, type Submission } from "../../domain/submission.ts";
import type { MessageStore } from "../../entities/message.ts";
import type { PayloadStore } from "../../entities/payload.ts";
import { putOnQueue } from "../put-on-queue.ts";
import { fingerprintMac, sealHeaders } from "../secret-headers.ts";
import { invalid } from "./issues.ts";
import { pastGiveUpAt } from "./submit-request.ts";

export type SubmitDeps = {
  readonly messages: MessageStore;
  readonly payloads: PayloadStore;
  readonly queue: Queue;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly graceMs: number;
  readonly shards: number;
};

/** What became of a submit: the message as it is now, and whether it was there before. */
export type Accepted = { readonly message: Message; readonly duplicate: boolean };

/**
 * Stores a message and puts it on the queue. Throws MESSAGE_CONFLICT if its id is taken by other
 * content, and a VALIDATION_ERROR if it is new and its last moment has passed. Any other error is ours: whatever was done by then, repeating the submit is safe.
 *
 * - A crash before the message is stored leaves nothing, or a payload that waits for its `ttl`.
 * - A crash after it leaves a PENDING message, which a repeat or the dispatcher puts on the queue.
 */
export const submit = async (
  deps: SubmitDeps,
  asked: Submission,
  policy: Policy,
): Promise<Accepted> => {
  const { messages, vault, clock, chance } = deps;
  const { graceMs, shards } = deps;
  // Once: it takes a while where there are many numbers.
  const compared = comparedBody(asked);
  const message = newMessage(asked, policy, {
    now: clock(),
    graceMs,
    shards,
    submitId: chance.token(),
    fingerprint: fingerprintOf(asked, fingerprintMac(vault), compared),
  });

  if (message.giveUpAt <= message.createdAt) {
    // Too late to be new; but it may well repeat a submit that was in time.
    const current = await messages.get(message, clock());
    if (!current) throw invalid([pastGiveUpAt]);
    return repeated(deps, { asked, compared }, current);
  }

  // After the fingerprint, which a repeat must have too: no value is sealed the same way twice.
  const sealed = { ...message, headers: sealHeaders(vault, message) };
  const submitted = await messages.submit(await withPayloadStored(deps, sealed, compared));
  return submitted.kind === "stored"
    ? { message: await queuedIfNear(deps, submitted.message), duplicate: false }
    : repeated(deps, { asked, compared }, submitted.current);
};

/** The submit that stored the message may have died since, so a repeat finishes its work. */
const repeated = async (
  deps: SubmitDeps,
  { asked, compared }: { readonly asked: Submission; readonly compared: Uint8Array },
  current: Message,
): Promise<Accepted> => {
  if (!isRepeat(current.fingerprint, asked, fingerprintMac(deps.vault), compared))
    throw new Problem(
      "MESSAGE_CONFLICT",
      "This messageId was submitted before, with other content. Nothing was changed.",
    );
  return { message: await queuedIfNear(deps, current), duplicate: true };
};

/** Headers and body are part of the item where they are small, and stored before it where not. */
const withPayloadStored = async (
  { messages, payloads }: SubmitDeps,
  message: Message,
  compared: Uint8Array,
): Promise<Message> => {
  const isApart = (message.headers ?? message.body) !== undefined && !messages.fitsInline(message);
  if (!isApart) return message;
  const { headers, body, ...rest } = message;
  const apart = { ...rest, fingerprint: fingerprintApart(message.fingerprint, message, compared) };
  // Payload first: the other way round, a crash would leave a message without its content.
  await payloads.put(apart, { headers, body });
  return { ...apart, payload: true };
};

const queuedIfNear = async (deps: SubmitDeps, message: Message): Promise<Message> => {
  const { status, notBefore, quarantinedAt } = message;
  // A far one is the dispatcher's to send, and so is one that it could do nothing about.
  if (quarantinedAt !== undefined) return message;
  if (status !== "PENDING" || notBefore === undefined || !isNear(notBefore, deps.clock()))
    return message;
  return putOnQueue(deps, { ...message, notBefore });
};

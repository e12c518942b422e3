import type { Chance } from "../../adapters/chance.ts";
import type { Clock } from "../../adapters/clock.ts";
import type { Queue } from "../../adapters/queue.ts";
import type { Vault } from "../../adapters/vault.ts";
import { isRepeat } from "../../domain/fingerprint.ts";
import type { Message } from "../../domain/message.ts";
import { Problem } from "../../domain/problem.ts";
import { isNear } from "../../domain/schedule.ts";
import type { Policy, Submission } from "../../domain/submission.ts";
import type { MessageStore } from "../../entities/message.ts";
import type { PayloadStore } from "../../entities/payload.ts";
import { putOnQueue, type Waiting } from "../put-on-queue.ts";
import { fingerprintMac } from "../secret-headers.ts";
import { draftOf, itemsOf, type Layout } from "../submission/draft.ts";
import { invalid } from "../submission/issues.ts";
import { pastGiveUpAt } from "../submission/parser.ts";

export type SubmitDeps = Layout & {
  readonly messages: MessageStore;
  readonly payloads: PayloadStore;
  readonly queue: Queue;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly chance: Chance;
};

/** The message as it is now, and whether it was stored before. */
export type Accepted = { readonly message: Message; readonly duplicate: boolean };

/**
 * Stores a message and sends its record to the queue. Throws as `storeMessage` does, or an error of
 * ours if the record is not on the queue; repeating the submit is safe after it.
 */
export const submit = async (
  deps: SubmitDeps,
  asked: Submission,
  policy: Policy,
): Promise<Accepted> => {
  const { message, duplicate } = await storeMessage(deps, asked, policy);
  const waiting = waitingFor(message, deps.clock());
  return { message: waiting ? await putOnQueue(deps, waiting) : message, duplicate };
};

/**
 * Stores a message, or finds that a submit before has. Throws MESSAGE_CONFLICT if its id is taken by
 * other content, and VALIDATION_ERROR if it is new and its `giveUpAt` has passed. Any other error
 * is ours; repeating the submit is safe after it.
 *
 * - A crash before the message is stored leaves nothing, or a payload that waits for its `ttl`.
 * - A crash after it leaves a PENDING message, which a repeat or the dispatcher puts on the queue.
 */
export const storeMessage = async (
  deps: SubmitDeps,
  asked: Submission,
  policy: Policy,
): Promise<Accepted> => {
  const { messages, payloads, clock, chance } = deps;
  const draft = draftOf(deps, asked, policy, { now: clock(), submitId: chance.token() });
  const { message: wanted, compared } = draft;

  if (wanted.giveUpAt <= wanted.createdAt) {
    // Too late for a new message, but it may repeat a submit that was in time.
    const current = await messages.get(wanted, clock());
    if (!current) throw invalid([pastGiveUpAt]);
    return repeated(deps, { asked, compared }, current);
  }

  const { message, payload } = itemsOf(deps, draft);
  // Payload first: the other way round, a crash would leave a message without its content.
  if (payload) await payloads.put(message, payload);
  const submitted = await messages.submit(message);
  if (submitted.kind === "stored") return { message: submitted.message, duplicate: false };
  // Its payload was stored before anybody knew. A crash before this leaves one that nobody is shown.
  if (submitted.current.erasedAt !== undefined) await payloads.erase(message);
  return repeated(deps, { asked, compared }, submitted.current);
};

/** Returns what a submit repeats. Throws MESSAGE_CONFLICT if it does not. */
const repeated = (
  deps: SubmitDeps,
  { asked, compared }: { readonly asked: Submission; readonly compared: Uint8Array },
  current: Message,
): Accepted => {
  if (!isRepeat(current.fingerprint, asked, fingerprintMac(deps.vault), compared))
    throw new Problem(
      "MESSAGE_CONFLICT",
      "This messageId was submitted before, with other content. Nothing was changed.",
    );
  return { message: current, duplicate: true };
};

/**
 * Returns a stored message if its record is to be sent now. That of a repeat too: the submit that
 * stored the message may have died, so the repeat finishes it.
 */
export const waitingFor = (message: Message, now: number): Waiting | undefined => {
  const { status, notBefore, quarantinedAt } = message;
  // The dispatcher sends a message that is due later, and cares for a quarantined one.
  if (quarantinedAt !== undefined) return undefined;
  if (status !== "PENDING" || notBefore === undefined || !isNear(notBefore, now)) return undefined;
  return { ...message, notBefore };
};

import type { AttemptReport } from "../adapters/log.ts";
import type { Vault } from "../adapters/vault.ts";
import type { Message } from "../domain/message.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { CountedAttempt } from "../domain/outcome-counts.ts";
import type { DeliveryRecord } from "../domain/record.ts";
import { webhookId } from "../domain/signature.ts";
import { traceHeaders, traceOf } from "../domain/trace-context.ts";
import type { Payload, PayloadStore } from "../entities/payload.ts";
import { openHeaders } from "../handlers/secret-headers.ts";
import { collectTransitions } from "../handlers/transitions.ts";
import { timeFor, unsentOutcome } from "../handlers/worker/attempt-time.ts";
import { type ClaimDeps, claim } from "../handlers/worker/claim-attempt.ts";
import { type Attempted, type ConcludeDeps, conclude } from "../handlers/worker/conclude.ts";
import type { Claimed, Settled } from "./claimed.ts";
import { accepted, final, retryable } from "./outcome.ts";

export type OwnWorkerDeps = ClaimDeps &
  ConcludeDeps & {
    readonly payloads: PayloadStore;
    readonly vault: Vault | undefined;
    /** How long the work may take, if the message has no time-out of its own. */
    readonly timeoutMs: number;
  };

/** A claimed attempt, and the way to settle it that its verbs share. */
export type Held = {
  readonly claimed: Claimed;
  readonly settle: (outcome: Outcome) => Promise<Settled>;
  /** Whether somebody has begun to settle it. */
  readonly isDecided: () => boolean;
};

type Occasion = {
  /** When this process is stopped. */
  readonly endsAt: number;
  readonly onCounted: (counted: CountedAttempt) => unknown;
};

const settledOf = ({ message }: Attempted): Settled =>
  message
    ? { kind: "settled", status: message.status, nextAttemptAt: message.notBefore }
    : { kind: "overtaken" };

/**
 * Has an attempt settled once: the first outcome decides. A later call does the same again if that
 * failed, for its answer may be lost: another outcome would contradict what is stored.
 */
const settlingOnce = (store: (outcome: Outcome) => Promise<Settled>) => {
  let decided: Outcome | undefined;
  let settling: Promise<Settled> | undefined;
  const settle = async (outcome: Outcome): Promise<Settled> => {
    decided ??= outcome;
    settling ??= store(decided);
    try {
      return await settling;
    } catch (error) {
      settling = undefined;
      throw error;
    }
  };
  return { settle, isDecided: () => decided !== undefined };
};

/** Returns a function that logs the one line of an attempt, from its claim on. */
const lineOf = (deps: OwnWorkerDeps, { senderId, messageId, attempt }: DeliveryRecord) => {
  const transitions = collectTransitions();
  const startedAt = deps.clock();
  const write = (report: Partial<AttemptReport> | { readonly verdict: "record-dropped" }): void =>
    deps.log.line({
      ...{ event: "attempt", senderId, messageId, attempt, ...report },
      transitions: transitions.steps,
      durationMs: deps.clock() - startedAt,
    });
  return { write, on: transitions.on };
};

const headersOf = ({ vault }: OwnWorkerDeps, message: Message, { headers }: Payload) => {
  const withoutKeys: Pick<Vault, "open"> = {
    open: () => {
      throw new Error("The message has secret headers: give the worker the option masterKeys");
    },
  };
  return openHeaders({ ...withoutKeys, ...vault } as Vault, message, headers) ?? {};
};

/**
 * Takes the lease for the attempt of a record. Returns `undefined` if there is nothing to do for it:
 * somebody else has the attempt, it is over, or no attempt can be made of the message any more.
 *
 * What a crash leaves, right after
 * - the claim, or the work: a lease that ends. The dispatcher gives the message to the next attempt,
 *   and this one is _unknown_: the work is done again if it was done, so `id` must make that harmless;
 * - the item of a failed attempt: the same, but the attempt is _failed_ in the history;
 * - the settling: all done. The record comes again, its claim is lost, and it is dropped;
 * - the settling of a retry: a PENDING message without a record, which the dispatcher sends.
 */
export const hold = async (
  given: OwnWorkerDeps,
  record: DeliveryRecord,
  { endsAt, onCounted }: Occasion,
): Promise<Held | undefined> => {
  const line = lineOf(given, record);
  const deps = { ...given, messages: given.messages.observedBy(line.on) };
  const message = await claim(deps, record);
  if (!message) {
    line.write({ verdict: "record-dropped" });
    return undefined;
  }
  const { settle, isDecided } = settlingOnce(async (outcome) => {
    const attempted = await conclude(deps, message, { outcome, now: deps.clock() }, endsAt);
    line.write(attempted.report);
    if (attempted.error !== undefined) throw attempted.error;
    if (attempted.counted) await onCounted(attempted.counted);
    return settledOf(attempted);
  });
  const payload = message.payload ? await deps.payloads.get(message) : message;
  if (!payload) {
    await settle(unsentOutcome("payload-missing"));
    return undefined;
  }
  const now = deps.clock();
  const workMs = timeFor(deps, message, { now, endsAt });
  if (workMs === "too-late") {
    await settle(unsentOutcome(workMs));
    return undefined;
  }
  const body = payload.body ?? new Uint8Array();
  const context = traceOf(message);
  const text = (): string => new TextDecoder().decode(body);
  return {
    ...{ settle, isDecided },
    claimed: {
      ...{ message, body, text, id: webhookId(message.senderId, message.messageId) },
      trace: context ? traceHeaders(context) : {},
      json: () => JSON.parse(text()) as unknown,
      headers: () => headersOf(deps, message, payload),
      remainingMs: () => Math.max(0, now + workMs - deps.clock()),
      complete: async (status = 200) => settle(accepted(status)),
      retry: async (because) => settle(retryable(because)),
      fail: async (because) => settle(final(because)),
    },
  };
};

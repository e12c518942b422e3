import type { MessageKey } from "../../domain/message.ts";
import { isTerminal } from "../../domain/message.ts";
import { dueFor } from "../../domain/schedule.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Submit } from "./plans.ts";
import { stores } from "./process.ts";
import type { Wishes } from "./rules.ts";
import type { World } from "./world.ts";

const dayMs = 86_400_000;
const repeatsMax = 4;
/** How far the clock of the service may be ahead of a sender's. */
const clockAheadMsMax = 5000;

/** What one sees of a submit: its status, or that nothing came back. */
export type Heard = { readonly status: number };

type Deps = {
  readonly world: World;
  readonly chronicle: Chronicle;
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Hands a request to the service. `finish` is called unless the process dies. */
  readonly serve: (json: string, finish: (heard: Heard) => void) => void;
};

/** Submits, and repeats for as long as it makes sense: until it is accepted, or refused. */
export const submitting =
  (
    deps: Deps,
    key: MessageKey,
    plan: Pick<Wishes, "deliverAt" | "giveUpAt">,
    { json, content }: Submit,
  ) =>
  async (): Promise<void> => {
    const { world, chronicle, serve, sleep } = deps;
    for (let repeat = 0; repeat <= repeatsMax; repeat += 1) {
      chronicle.observe({ kind: "asked", key, content, deliverAt: plan.deliverAt });
      const heard = await world.ask<Heard>({
        port: "request",
        name: "POST /v1/messages",
        about: key.messageId,
        perform: (finish) => serve(json, finish),
        lost: () => ({ answer: { status: 0 } }),
      });
      const { status } = heard;
      chronicle.note("sender", `hears ${status || "nothing"} of ${key.messageId}`);
      if (status > 0) {
        chronicle.count(`answered ${status}`);
        chronicle.observe({ kind: "told", key, content, status });
      }
      // The time until which it was to be tried is over, and nobody has it yet.
      const isTooLate =
        status === 400 && deps.clock() + clockAheadMsMax > (plan.giveUpAt ?? Infinity);
      if (![0, 200, 202, 409, 503].includes(status) && !isTooLate)
        chronicle.violate({ invariant: "answered", what: `a submit was answered ${status}` });
      if (status > 0 && status < 500) return;
      await sleep(repeat * 1500);
    }
  };

/** The lost connection is no answer: whoever cancels asks again. */
const insisted = async <Result>(act: () => Promise<Result>): Promise<Result | undefined> => {
  for (let repeat = 0; repeat < repeatsMax; repeat += 1) {
    try {
      return await act();
    } catch {
      // Throttled or lost three times over: once more.
    }
  }
  return undefined;
};

/** Cancels what waits, or asks for it where an attempt is under way. */
export const cancelling =
  ({ chronicle, clock }: Deps, key: MessageKey) =>
  async (): Promise<void> => {
    const { messages } = stores;
    const cancelled = await insisted(() => messages.cancel(key, { now: clock() }));
    if (cancelled?.kind === "done") return chronicle.count("verb cancel");
    const now = clock();
    const requested = await insisted(() =>
      messages.requestCancel(key, { now, set: { cancelRequestedAt: now } }),
    );
    if (requested?.kind === "done") chronicle.count("verb requestCancel");
  };

/**
 * Replays a message that has ended: its payload is kept for longer first, and the history gets the
 * attempt that only the message knows to have been accepted.
 */
export const replaying =
  ({ chronicle, clock }: Deps, key: MessageKey, graceMs: number) =>
  async (): Promise<void> => {
    const { messages, payloads, attempts } = stores;
    const seen = await insisted(() => messages.get(key, clock()));
    if (!seen || !isTerminal(seen.status)) return;
    const now = clock();
    // Sending again is no reason to send before the time that was asked for in the first place.
    const notBefore = Math.max(now, seen.deliverAt ?? now);
    const ttl = Math.ceil((notBefore + seen.retentionDays * dayMs) / 1000);
    if (seen.payload) {
      const payload = await insisted(() => payloads.get(seen));
      if (!payload) return;
      await insisted(() => payloads.put({ ...seen, ttl }, payload));
    }
    const { lastOutcome: last } = seen;
    if (last?.class === "accepted") {
      const { attempt: number, class: said, status, at } = last;
      const { submitId } = seen;
      const delivered = { ...key, submitId, ttl, number, class: said, status };
      // As long as that is not written, the message keeps it.
      const isStored = await insisted(async () => {
        await attempts.record({ ...delivered, startedAt: at, durationMs: 0 });
        return true;
      });
      if (!isStored) return;
    }
    const replayed = await insisted(() =>
      messages.replay(seen, {
        now,
        seen,
        set: {
          attemptsAllowed: seen.attempts + 2,
          attemptsBefore: seen.attempts,
          giveUpAt: notBefore + 3 * dayMs,
          ...dueFor(notBefore, now, graceMs),
          dueShard: seen.senderShard,
          ttl,
        },
      }),
    );
    if (replayed?.kind === "done") chronicle.count("verb replay");
  };

/** Every state that the model reaches is explained, and what is said about it then happens. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { allows } from "../../domain/change.ts";
import { decideAct } from "../../domain/dispatch.ts";
import { type ChangeVerb, changeVerbs, lifecycle, type Row } from "../../domain/lifecycle.ts";
import { isTerminal, type Message } from "../../domain/message.ts";
import { factsOf } from "../../domain/retry.ts";
import { whyOf } from "../../domain/why.ts";
import { type Config, defaults } from "../../proof/model/config.ts";
import { keysFor } from "../../proof/model/key.ts";
import { clockMarginMs, now } from "../../proof/model/moments.ts";
import { initial } from "../../proof/model/state.ts";
import { nextSteps } from "../../proof/model/steps.ts";
import { effectsFor, worldOf } from "../../proof/model/world.ts";
import { aMessage } from "../support/messages.ts";

/** Small enough to be searched in seconds. */
const config: Config = {
  ...defaults,
  ...{ ingestions: 1, workers: 1, attempts: 2, faults: 1, cancels: 1, deliver: "near" },
};

/** Every message that a search over all states comes to, each once. */
const reached = (): readonly Message[] => {
  const { encode, decode } = keysFor(config);
  const effects = effectsFor(config);
  const first = encode(initial(config));
  const states = new Set([first]);
  const messages = new Map<string, Message>();
  for (const text of states) {
    const state = decode(text);
    if (state.message) messages.set(JSON.stringify(state.message), state.message);
    for (const step of nextSteps(config, effects, state)) {
      const world = worldOf(state);
      step.run(world);
      states.add(encode(world));
    }
  }
  return [...messages.values()].map((message) => aMessage(message));
};

const rowOf = (verb: ChangeVerb): Row => lifecycle[verb];
const facts = { now, clockMarginMs };

describe("In every state that is reached", () => {
  let all: readonly Message[];
  beforeAll(() => {
    all = reached();
  });
  const where = (is: (message: Message) => boolean): readonly Message[] => {
    const found = all.filter(is);
    if (found.length === 0) throw new Error("No such state was reached");
    return found;
  };

  test("there is an explanation", () => {
    for (const message of where(() => true)) {
      const { why, next } = whyOf(message, facts);

      expect(`${why} ${next}`).not.toMatch(/does not know|undefined/);
      expect(why).toMatch(/^[A-Z].{10,}\.$/);
    }
  });

  test("a waiting message is claimed when it is said, and not before", () => {
    for (const message of where(({ status }) => status === "PENDING" || status === "QUEUED")) {
      const { nextAt = Number.NaN } = whyOf(message, facts);
      const claimAt = (notBefore: number): boolean =>
        allows("claim", message, {
          now: notBefore,
          seen: message,
          notAfter: { notBefore, dueAt: Number.MAX_SAFE_INTEGER },
        });

      expect([claimAt(nextAt), claimAt(nextAt - 1)]).toEqual([true, false]);
    }
  });

  test("a message of a lost worker is released when it is said, and not before", () => {
    const scheduleMs = [1000];
    for (const message of where(({ status }) => status === "PROCESSING")) {
      const { nextAt = Number.NaN, next } = whyOf(message, {
        ...facts,
        now: Number.MAX_SAFE_INTEGER,
      });
      const actAt = (at: number) =>
        decideAct(message, factsOf(message, { scheduleMs, now: at, random: 0.5 }), clockMarginMs);
      const { next: then } = whyOf(message, { ...facts, now: nextAt });

      expect(actAt(nextAt - 1).kind).toBe("postpone");
      expect(next).toContain("The dispatcher releases the message");
      expect({
        release: "waits for its next attempt",
        releaseAsFailed: "is FAILED",
        releaseAsCancelled: "is CANCELLED",
      }).toHaveProperty(actAt(nextAt).kind, / which then (.+)\.$/.exec(then)?.[1]);
    }
  });

  test("nothing but a sender moves a message on that is said to have ended", () => {
    for (const message of where(({ status }) => isTerminal(status))) {
      const { next, nextAt } = whyOf(message, facts);
      const movers = changeVerbs.filter(
        (verb) => rowOf(verb).from.includes(message.status) && rowOf(verb).to !== "same",
      );

      expect([next, nextAt]).toEqual(["Nothing: the message has ended.", undefined]);
      expect(movers).toEqual(["replay"]);
    }
  });

  test("what can be done is what the table then allows", () => {
    const change = { now, set: { cancelRequestedAt: now } };
    for (const message of where(() => true)) {
      const { canDo } = whyOf(message, facts);
      const isAllowed = (verb: ChangeVerb): boolean =>
        allows(verb, message, { ...change, seen: message });
      const isAsked = message.cancelRequestedAt !== undefined;

      expect(canDo).toEqual([
        ...((isAllowed("cancel") || isAllowed("requestCancel")) && !isAsked ? ["cancel"] : []),
        ...(isAllowed("sendNow") && (message.notBefore ?? 0) > now ? ["send-now"] : []),
        ...(isAllowed("replay") ? ["replay"] : []),
        ...(isAllowed("erase") ? ["erase"] : []),
      ]);
    }
  });
});

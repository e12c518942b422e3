/**
 * Was it me? The SDK repeats a write whose answer was lost, and is then refused by what its own
 * first try wrote. Whoever holds the token must learn that it won; nobody else may believe so.
 */
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Transition } from "../../domain/change.ts";
import type { Message } from "../../domain/message.ts";
import { type MessageStore, messageStore } from "../../entities/message.ts";
import { actorsOn, done } from "../support/actors.ts";
import { losingAnswers } from "../support/lost-answers.ts";
import { aMessage, aMessageId, minuteMs, secondMs, t0 } from "../support/messages.ts";
import { useTable } from "../support/table.ts";

const table = useTable();
let messages: MessageStore;
let actors: ReturnType<typeof actorsOn>;

beforeAll(() => {
  messages = messageStore(table.storage);
  actors = actorsOn(messages);
});

/** A store that never hears the answer to its first write, and what it tells of transitions. */
const hardOfHearing = (operation: "PutItem" | "UpdateItem") => {
  const { over, requests } = losingAnswers(operation);
  const transitions: Transition[] = [];
  const store = messageStore(over(table), (transition) => transitions.push(transition));
  return { store, actors: actorsOn(store), requests, transitions };
};

describe("a write whose answer was lost", () => {
  test("is known again by whoever submits", async () => {
    const { store, requests, transitions } = hardOfHearing("PutItem");
    const message = aMessage({ messageId: aMessageId() });

    const submitted = await store.submit(message);

    expect(requests()).toBe(2);
    expect(submitted).toEqual({ kind: "stored", message });
    expect(transitions).toMatchObject([{ verb: "submit", to: "PENDING" }]);
  });

  test("is known again by whoever claims, and counts as one attempt", async () => {
    const { actors: deaf, requests, transitions } = hardOfHearing("UpdateItem");
    const message = await actors.submit();

    const claimed = await deaf.claim(message, t0);

    expect(requests()).toBe(2);
    expect(claimed).toMatchObject({ kind: "done", message: { attempts: 1, owner: "owner-1" } });
    expect(await messages.get(message, t0)).toMatchObject({ attempts: 1, status: "PROCESSING" });
    expect(transitions).toMatchObject([{ verb: "claim", to: "PROCESSING" }]);
  });

  type Deaf = ReturnType<typeof actorsOn>;
  const held = async () => done(await actors.claim(await actors.submit(), t0));
  const now = t0 + secondMs;

  test.each([
    ["completes", "COMPLETED", held, (deaf: Deaf, mine: Message) => deaf.complete(mine, now)],
    ["retries", "PENDING", held, (deaf: Deaf, mine: Message) => deaf.retry(mine, now, now)],
    ["fails", "FAILED", held, (deaf: Deaf, mine: Message) => deaf.fail(mine, now)],
    [
      "abandons",
      "CANCELLED",
      async () => done(await actors.requestCancel(await held(), t0)),
      (deaf: Deaf, mine: Message) => deaf.abandon(mine, now),
    ],
  ] as const)("is known again by the holder that %s", async (_name, status, start, settle) => {
    const { actors: deaf, requests, transitions } = hardOfHearing("UpdateItem");
    const mine = await start();

    const settled = await settle(deaf, mine);

    expect(requests()).toBe(2);
    expect(settled).toMatchObject({ kind: "done", message: { status, updatedAt: now } });
    expect(await messages.get(mine, t0)).toEqual(settled.kind === "done" && settled.message);
    expect(transitions).toMatchObject([{ to: status }]);
  });
});

describe("a write of somebody else", () => {
  test("leaves a submit of the same id with what is there", async () => {
    const theirs = await actors.submit({ submitId: "submit-1" });

    const mine = await messages.submit({ ...theirs, submitId: "submit-2" });

    expect(mine).toEqual({ kind: "taken", current: theirs });
  });

  test("has won the claim of the same attempt", async () => {
    const message = await actors.submit();
    const theirs = done(await actors.claim(message, t0));

    const mine = await messages.claim(message, {
      now: t0,
      seen: message,
      notAfter: { notBefore: t0, dueAt: t0 + minuteMs },
      set: { owner: "another", leaseUntil: t0 + minuteMs },
    });

    expect(mine).toEqual({ kind: "lost", current: theirs });
  });

  test("is not taken for the claim of an earlier attempt by the same holder", async () => {
    const message = await actors.submit();
    const first = done(await actors.claim(message, t0));

    const doubled = await messages.claim(first, {
      now: t0,
      seen: first,
      notAfter: { notBefore: t0, dueAt: t0 + minuteMs },
      set: { owner: "owner-1", leaseUntil: t0 + minuteMs },
    });

    expect(doubled).toEqual({ kind: "lost", current: first });
  });

  test.each([
    ["retry", (mine: Message, now: number) => actors.retry(mine, now, now)],
    ["fail", (mine: Message, now: number) => actors.fail(mine, now)],
    ["complete", (mine: Message, now: number) => actors.complete(mine, now)],
  ] as const)("has released the attempt before its holder could %s", async (verb, settle) => {
    const mine = done(await actors.claim(await actors.submit(), t0));
    const release = verb === "fail" ? actors.releaseAsFailed : actors.release;
    const released = done(await release(mine, t0 + 2 * minuteMs));

    const late = await settle(mine, t0 + 3 * minuteMs);

    expect(late).toEqual({ kind: "lost", current: released });
  });

  test("has released the attempt as cancelled before its holder could abandon", async () => {
    const held = done(await actors.claim(await actors.submit(), t0));
    const mine = done(await actors.requestCancel(held, t0 + secondMs));
    const released = done(await actors.releaseAsCancelled(mine, t0 + 2 * minuteMs));

    const late = await actors.abandon(mine, t0 + 3 * minuteMs);

    expect(late).toEqual({ kind: "lost", current: released });
  });
});

/**
 * One scenario for each condition of the lifecycle, written without a look at its table: each fails
 * when that one condition is deleted. The names say what the condition is for.
 */
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Message } from "../../domain/message.ts";
import { type MessageStore, messageStore } from "../../entities/message.ts";
import type { Changed } from "../../entities/message-change.ts";
import { actorsOn, done } from "../support/actors.ts";
import { clockMarginMs, hourMs, leaseMs, minuteMs, secondMs, t0 } from "../support/messages.ts";
import { useTable } from "../support/table.ts";

const table = useTable();
let messages: MessageStore;
let actors: ReturnType<typeof actorsOn>;

beforeAll(() => {
  messages = messageStore(table.storage);
  actors = actorsOn(messages);
});

/** A message as an actor saw it, who is about to act on what it saw. */
type Seen = Message;

/** Claims its first attempt at `t0`. */
const claimed = async (): Promise<Seen> => done(await actors.claim(await actors.submit(), t0));

/** The first attempt was overtaken: its lease ended, it was released, and the second is claimed. */
const overtaken = async () => {
  const first = await claimed();
  const released = done(await actors.release(first, t0 + 2 * minuteMs, t0 + 3 * minuteMs));
  const second = done(await actors.claim(released, t0 + 3 * minuteMs));
  return { first, second };
};

const expectRefused = async (changed: Changed, current: Message): Promise<void> => {
  expect(changed.kind).toBe("lost");
  expect(await messages.get(current, t0)).toEqual(current);
};

describe("enqueue", () => {
  test("changes nothing on a message that has failed an attempt and waits for its retry", async () => {
    // Claimed within the clock margin before its time, so the retry may be for the same moment.
    const notBefore = t0 + 4 * secondMs;
    const seen = await actors.submit({ notBefore });
    const held = done(await actors.claim(seen, t0));
    const waiting = done(await actors.retry(held, t0 + secondMs, notBefore));

    const late = await actors.enqueue(seen, t0 + 2 * secondMs);

    await expectRefused(late, waiting);
  });

  test("changes nothing on a message that waits for the same attempt at another time", async () => {
    const seen = await actors.submit();
    const cancelled = done(await actors.cancel(seen, t0 + secondMs));
    const replayed = done(await actors.replay(cancelled, t0 + minuteMs));

    const late = await actors.enqueue(seen, t0 + 2 * minuteMs);

    await expectRefused(late, replayed);
  });
});

describe("claim", () => {
  test("gets nothing for a doubled record of an attempt that was made", async () => {
    const seen = await actors.submit();
    const held = done(await actors.claim(seen, t0));
    const waiting = done(await actors.retry(held, t0 + secondMs, t0 + 2 * secondMs));

    const doubled = await actors.claim(seen, t0 + minuteMs);

    await expectRefused(doubled, waiting);
  });

  test("gets nothing for a record that comes before its time by more than clocks differ", async () => {
    const waiting = done(await actors.retry(await claimed(), t0 + secondMs, t0 + minuteMs));

    const early = await actors.claim(waiting, t0 + minuteMs - clockMarginMs - 1);

    await expectRefused(early, waiting);
  });

  test("is granted to a record that comes early by as much as clocks may differ", async () => {
    const waiting = done(await actors.retry(await claimed(), t0 + secondMs, t0 + minuteMs));

    const early = await actors.claim(waiting, t0 + minuteMs - clockMarginMs);

    expect(early).toMatchObject({ kind: "done", message: { status: "PROCESSING", attempts: 2 } });
  });
});

describe("an attempt overtaken by a newer claim", () => {
  test("cannot complete the message", async () => {
    const { first, second } = await overtaken();

    await expectRefused(await actors.complete(first, t0 + 4 * minuteMs), second);
  });

  test("cannot have it retried", async () => {
    const { first, second } = await overtaken();

    await expectRefused(await actors.retry(first, t0 + 4 * minuteMs, t0 + hourMs), second);
  });

  test("cannot fail it", async () => {
    const { first, second } = await overtaken();

    await expectRefused(await actors.fail(first, t0 + 4 * minuteMs), second);
  });

  test("cannot abandon it", async () => {
    const { first, second } = await overtaken();
    const toBeCancelled = done(await actors.requestCancel(second, t0 + 4 * minuteMs));

    await expectRefused(await actors.abandon(first, t0 + 4 * minuteMs), toBeCancelled);
  });
});

describe("a message whose sender wants it cancelled", () => {
  test("is not retried", async () => {
    const held = await claimed();
    const toBeCancelled = done(await actors.requestCancel(held, t0 + secondMs));

    await expectRefused(await actors.retry(held, t0 + 2 * secondMs, t0 + minuteMs), toBeCancelled);
  });

  test("is not released to be tried again", async () => {
    const held = await claimed();
    const toBeCancelled = done(await actors.requestCancel(held, t0 + secondMs));

    await expectRefused(await actors.release(held, t0 + 2 * minuteMs), toBeCancelled);
  });
});

describe("a message that nobody wants cancelled", () => {
  test("is not abandoned", async () => {
    const held = await claimed();

    await expectRefused(await actors.abandon(held, t0 + secondMs), held);
  });

  test("is not released as cancelled", async () => {
    const held = await claimed();

    await expectRefused(await actors.releaseAsCancelled(held, t0 + 2 * minuteMs), held);
  });
});

describe("a live lease", () => {
  // Over, but not by more than clocks may differ.
  const now = t0 + leaseMs + clockMarginMs;

  test("is not released", async () => {
    const held = await claimed();

    await expectRefused(await actors.release(held, now), held);
  });

  test("is not released as failed", async () => {
    const held = await claimed();

    await expectRefused(await actors.releaseAsFailed(held, now), held);
  });

  test("is not released as cancelled", async () => {
    const held = done(await actors.requestCancel(await claimed(), t0 + secondMs));

    await expectRefused(await actors.releaseAsCancelled(held, now), held);
  });

  test("is live no more a millisecond later", async () => {
    const held = await claimed();

    expect(await actors.release(held, now + 1)).toMatchObject({ kind: "done" });
  });
});

// A dispatcher that was held up acts on what it saw; by now the newer attempt's lease is over, too.
describe("a lost attempt that was seen before a newer one was lost as well", () => {
  const now = t0 + hourMs;

  test("is not what a release is about", async () => {
    const { first, second } = await overtaken();

    await expectRefused(await actors.release(first, now), second);
  });

  test("does not fail the message", async () => {
    const { first, second } = await overtaken();

    await expectRefused(await actors.releaseAsFailed(first, now), second);
  });

  test("does not cancel the message", async () => {
    const { first, second } = await overtaken();
    const toBeCancelled = done(await actors.requestCancel(second, t0 + 4 * minuteMs));

    await expectRefused(await actors.releaseAsCancelled(first, now), toBeCancelled);
  });
});

describe("postpone", () => {
  test("leaves a message alone that has meanwhile been claimed", async () => {
    const seen = await actors.submit();
    const held = done(await actors.claim(seen, t0));

    await expectRefused(await actors.postpone(seen, t0 + secondMs, t0 + hourMs), held);
  });

  test("leaves a message alone for which somebody has said when to look again", async () => {
    const seen = await actors.submit();
    const queued = done(await actors.enqueue(seen, t0, t0 + 15 * minuteMs));

    await expectRefused(await actors.postpone(seen, t0 + secondMs, t0 + hourMs), queued);
  });
});

describe("replay", () => {
  test("counts once of two at once, even if the message ends again between them", async () => {
    const seen = done(await actors.cancel(await actors.submit(), t0 + secondMs));
    const replayed = done(await actors.replay(seen, t0 + minuteMs));
    const ended = done(await actors.cancel(replayed, t0 + 2 * minuteMs));

    await expectRefused(await actors.replay(seen, t0 + 3 * minuteMs), ended);
  });
});

describe("an erased message", () => {
  test("is not replayed, though whoever replays it saw it whole", async () => {
    const seen = done(await actors.cancel(await actors.submit(), t0 + secondMs));
    const erased = done(await actors.erase(seen, t0 + minuteMs));

    await expectRefused(await actors.replay(seen, t0 + 2 * minuteMs), erased);
  });

  test("keeps the time of its first erasure", async () => {
    const seen = done(await actors.cancel(await actors.submit(), t0 + secondMs));
    const erased = done(await actors.erase(seen, t0 + minuteMs));

    await expectRefused(await actors.erase(seen, t0 + 2 * minuteMs), erased);
  });
});

describe("a message that was replayed", () => {
  test("is not erased by whoever saw it before", async () => {
    const seen = done(await actors.cancel(await actors.submit(), t0 + secondMs));
    const replayed = done(await actors.replay(seen, t0 + minuteMs));

    await expectRefused(await actors.erase(seen, t0 + 2 * minuteMs), replayed);
  });
});

describe("submit", () => {
  test("does not replace a message that is retained", async () => {
    const first = await actors.submit();
    const other = { ...first, submitId: "submit-2", createdAt: first.ttl * 1000 - 1 };

    const taken = await messages.submit(other);

    expect(taken).toEqual({ kind: "taken", current: first });
    expect(await messages.get(first, t0)).toEqual(first);
  });

  test("replaces one that has expired, whether or not it has been removed", async () => {
    const first = await actors.submit();
    const other = { ...first, submitId: "submit-2", createdAt: first.ttl * 1000 };

    const stored = await messages.submit(other);

    expect(stored).toEqual({ kind: "stored", message: other });
    expect(await messages.get(first, t0)).toEqual(other);
  });
});

import { beforeAll, expect, test } from "@jest/globals";
import type { Attempt } from "../../domain/attempt.ts";
import { type AttemptStore, attemptStore } from "../../entities/attempt.ts";
import { aMessage, aMessageId, t0 } from "../support/messages.ts";
import { useTable } from "../support/table.ts";

const table = useTable();
let attempts: AttemptStore;

beforeAll(() => {
  attempts = attemptStore(table.storage);
});

const anAttempt = (overrides: Partial<Attempt>): Attempt => ({
  senderId: "shop",
  messageId: "order-7",
  number: 1,
  submitId: "submit-1",
  startedAt: t0,
  durationMs: 120,
  class: "status",
  status: 503,
  responseText: "try later",
  ttl: t0 / 1000 + 86_400,
  ...overrides,
});

test("an attempt comes back as it was recorded, whether or not there was an answer", async () => {
  const message = aMessage({ messageId: aMessageId() });
  const { messageId } = message;
  const answered = anAttempt({ messageId });
  const { status: _, responseText: __, ...rest } = anAttempt({ messageId, number: 2 });
  const silent = { ...rest, class: "timeout" };

  await attempts.record(answered);
  await attempts.record({ ...silent, status: undefined, responseText: undefined });

  expect(await attempts.of(message)).toEqual([answered, silent]);
});

test("attempts of messages with look-alike ids of other systems are kept apart", async () => {
  const ids = ["a/b", "a%2Fb", "a%252Fb", "#", "%23", "a#attempt_1"];
  for (const [n, messageId] of ids.entries())
    await attempts.record(anAttempt({ messageId, durationMs: n }));

  for (const [n, messageId] of ids.entries())
    expect(await attempts.of(aMessage({ messageId }))).toEqual([
      anAttempt({ messageId, durationMs: n }),
    ]);
});

test("attempts are in the order of their numbers, past nine as well", async () => {
  const message = aMessage({ messageId: aMessageId() });
  const { messageId } = message;
  for (const number of [10, 2, 100, 9, 1, 11])
    await attempts.record(anAttempt({ messageId, number }));

  const numbers = (await attempts.of(message)).map(({ number }) => number);

  expect(numbers).toEqual([1, 2, 9, 10, 11, 100]);
});

test("recorded twice, an attempt is there once", async () => {
  const message = aMessage({ messageId: aMessageId() });
  const attempt = anAttempt({ messageId: message.messageId });

  await attempts.record(attempt);
  await attempts.record(attempt);

  expect(await attempts.of(message)).toEqual([attempt]);
});

test("those of a predecessor that expired are not taken for a message's own", async () => {
  const message = aMessage({ messageId: aMessageId(), submitId: "submit-2" });
  const { messageId } = message;
  for (const number of [1, 2, 3])
    await attempts.record(anAttempt({ messageId, number, submitId: "submit-1" }));
  const own = anAttempt({ messageId, number: 1, submitId: "submit-2" });

  await attempts.record(own);

  expect(await attempts.of(message)).toEqual([own]);
});

test("those of a message whose id begins the same are not its own", async () => {
  const message = aMessage({ messageId: aMessageId() });
  await attempts.record(anAttempt({ messageId: `${message.messageId}0` }));

  expect(await attempts.of(message)).toEqual([]);
});

test("many and long ones come in one list, however many pages the table makes of them", async () => {
  const message = aMessage({ messageId: aMessageId() });
  const { messageId } = message;
  const numbers = Array.from({ length: 30 }, (_, n) => n + 1);
  // The table answers with a megabyte at a time.
  const responseText = "a".repeat(50_000);
  for (const number of numbers)
    await attempts.record(anAttempt({ messageId, number, responseText }));

  expect((await attempts.of(message)).map(({ number }) => number)).toEqual(numbers);
});

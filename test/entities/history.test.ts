import { beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Attempt } from "../../domain/attempt.ts";
import type { MessageKey } from "../../domain/message.ts";
import { attemptStore } from "../../entities/attempt.ts";
import { historyReader } from "../../entities/history.ts";
import { messageStore } from "../../entities/message.ts";
import { payloadStore } from "../../entities/payload.ts";
import { actorsOn } from "../support/actors.ts";
import { aMessageId, t0, utf8 } from "../support/messages.ts";
import { useTable } from "../support/table.ts";

const table = useTable();
let actors: ReturnType<typeof actorsOn>;
let historyOf: ReturnType<typeof historyReader>;
let requests: string[] = [];

beforeAll(async () => {
  actors = actorsOn(messageStore(table.storage));
  historyOf = historyReader(table.storage);
  const note = <T>(name: string, result: T): T => {
    requests.push(name);
    return result;
  };
  table.storage.client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) =>
        note(commandName, await next(args)),
    { step: "initialize" },
  );
});
beforeEach(() => {
  requests = [];
});

const anAttempt = ({ senderId, messageId }: MessageKey, number: number): Attempt => ({
  senderId,
  messageId,
  number,
  submitId: "submit-1",
  startedAt: t0,
  durationMs: 120,
  class: "timeout",
  ttl: t0 / 1000 + 86_400,
});

test.each([aMessageId(), "arn:aws:s3:::b/k?v=1#messageid_%2F|~"])(
  "the history of a message is all of it, from one Query: %s",
  async (messageId) => {
    const message = await actors.submit({ messageId, payload: true });
    await payloadStore(table.storage).put(message, { body: utf8("{}") });
    const attempts = [1, 2, 10].map((number) => anAttempt(message, number));
    for (const attempt of attempts) await attemptStore(table.storage).record(attempt);
    requests = [];

    const history = await historyOf(message);

    expect(requests).toEqual(["QueryCommand"]);
    expect(history.message).toEqual(message);
    expect(history.attempts).toEqual(attempts);
    expect(history.payloads).toMatchObject([
      { fingerprint: message.fingerprint, ttl: message.ttl },
    ]);
  },
);

test("the history of a message holds nothing of another whose id begins the same", async () => {
  const message = await actors.submit({ messageId: "order" });
  await attemptStore(table.storage).record(anAttempt(await actors.submit(), 1));

  expect(await historyOf(message)).toEqual({ message, attempts: [], actions: [], payloads: [] });
});

test("where nothing is, there is no history", async () => {
  const history = await historyOf({ senderId: "shop", messageId: aMessageId() });

  expect(history).toEqual({ message: undefined, attempts: [], actions: [], payloads: [] });
});

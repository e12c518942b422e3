/**
 * The table of transitions is only true if the database agrees, so every cell, and every condition
 * of every row, is asked of the database.
 */
import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import { type AnyChange, allows, evolve, type Transition } from "../../domain/change.ts";
import {
  type ChangeVerb,
  changeVerbs,
  type Field,
  lifecycle,
  type Row,
} from "../../domain/lifecycle.ts";
import { type Message, type MessageKey, type Status, statuses } from "../../domain/message.ts";
import { messageEntity } from "../../entities/described/message.ts";
import { messageStore } from "../../entities/message.ts";
import type { Changed } from "../../entities/message-change.ts";
import { goOptions } from "../../entities/storage.ts";
import { aMessage, aMessageId, anOutcome, dayMs, hourMs, t0, utf8 } from "../support/messages.ts";
import { attributesOf, type RawItem, useTable } from "../support/table.ts";

const now = t0 + hourMs;

const table = useTable();
let change: (verb: ChangeVerb, key: MessageKey, change: AnyChange) => Promise<Changed>;
const transitions: Transition[] = [];

beforeAll(() => {
  const store = messageStore(table.storage, (transition) => transitions.push(transition));
  // Verbs from a table are called as if their types were not known.
  change = (verb, key, asked) => store[verb](key, asked as never);
});

/** Everything a message can have, so that nothing a verb writes or removes goes unseen. */
const everything: Omit<Message, keyof ReturnType<typeof aMessage>> & Partial<Message> = {
  method: "PUT",
  headers: { "X-Trace": "a" },
  body: utf8("{}"),
  bodyType: "json",
  payload: true,
  deliverAt: t0 + 1,
  timeoutMs: 10_000,
  scheduleMs: [1000, 2000],
  redact: "bhr",
  attempts: 3,
  attemptsAllowed: 10,
  attemptsBefore: 1,
  replays: 2,
  notBefore: t0 + 2,
  dueAt: t0 + 3,
  dueShard: "0",
  leaseUntil: t0 + 4,
  cancelRequestedAt: t0 + 5,
  lastOutcome: anOutcome({ attempt: 2 }),
  failReason: "gone",
  failedShard: "shop#0",
  erasedAt: t0 + 11,
  owner: "owner-3",
  queuedAt: t0 + 6,
  processingAt: t0 + 7,
  completedAt: t0 + 8,
  failedAt: t0 + 9,
  cancelledAt: t0 + 10,
};

/** What a verb may write; each another value than a message has before. */
const given: { readonly [F in Field]?: NonNullable<Message[F]> } = {
  owner: "owner-4",
  leaseUntil: now + 1,
  notBefore: now + 2,
  dueAt: now + 3,
  dueShard: "1",
  lastOutcome: anOutcome({ attempt: 4, class: "timeout", status: undefined }),
  failReason: "too-late",
  failedShard: "shop#1",
  cancelRequestedAt: now,
  erasedAt: now,
  payload: false,
  attemptsAllowed: 13,
  attemptsBefore: 3,
  giveUpAt: now + 3 * dayMs,
  ttl: Math.ceil((now + 40 * dayMs) / 1000),
};

const pick = <T extends object>(from: T, fields: readonly string[]): Partial<T> =>
  Object.fromEntries(Object.entries(from).filter(([name]) => fields.includes(name))) as Partial<T>;

const without = (message: Message, fields: readonly string[]): Message =>
  Object.fromEntries(Object.entries(message).filter(([name]) => !fields.includes(name))) as Message;

/** A message in a state that has all it can have, save what the row wants absent. */
const fullMessage = (row: Row, status: Status): Message =>
  without(aMessage({ ...everything, messageId: aMessageId(), status }), row.absent);

/** A message in a state that has no more than it must, and what the row's conditions speak of. */
const bareMessage = (row: Row, status: Status): Message => {
  const needed = pick(everything, [...row.notAfter, ...row.present]);
  return without({ ...aMessage({ messageId: aMessageId(), status }), ...needed }, [
    ...["notBefore", "dueAt", "dueShard"].filter((field) => !(field in needed)),
    ...row.absent,
  ]);
};

/** A change whose conditions hold for a message by a hair; whether it gives what it may or not. */
const satisfied = (row: Row, message: Message, { may }: { may: boolean }): AnyChange => ({
  now,
  seen: pick(message, row.seen),
  notAfter: pick(message, row.notAfter),
  set: pick(given, may ? [...row.set, ...row.maySet] : row.set),
});

const store = async (message: Message): Promise<void> => {
  await messageEntity(table.storage)
    .put(message as never)
    .go(goOptions);
};

const stored = async (key: MessageKey): Promise<RawItem | undefined> => {
  const item = await table.item(key);
  return item && attributesOf(item);
};

describe.each([
  { furnished: "that has everything", messageOf: fullMessage, may: true },
  { furnished: "that has little", messageOf: bareMessage, may: false },
])("a message $furnished", ({ messageOf, may }) => {
  const cells = changeVerbs.flatMap((verb) => {
    const row: Row = lifecycle[verb];
    const after = (status: Status) => (row.to === "same" ? status : row.to);
    return statuses.map((status) => ({
      verb,
      status,
      row,
      ends: row.from.includes(status) ? `becomes ${after(status)}` : "stays as it is",
    }));
  });

  test.each(cells)("asked to $verb while $status $ends", async ({ verb, status, row }) => {
    const message = messageOf(row, status);
    const asked = satisfied(row, message, { may });
    await store(message);
    transitions.length = 0;

    const changed = await change(verb, message, asked);

    const isAllowed = row.from.includes(status);
    const after = isAllowed ? evolve(verb, message, asked) : message;
    expect(allows(verb, message, asked)).toBe(isAllowed);
    expect(await stored(message)).toEqual(after);
    expect(changed).toEqual(
      isAllowed ? { kind: "done", message: after } : { kind: "lost", current: message },
    );
    const { senderId, messageId } = message;
    const transition = { senderId, messageId, verb, from: status, to: after.status };
    expect(transitions).toEqual(isAllowed ? [transition] : []);
  });
});

describe.each(["enqueue", "complete"] as const)("whoever has the message asks to %s it", (verb) => {
  const row: Row = lifecycle[verb];
  const [from = "PENDING"] = row.from;

  test("and has it as it then is, although the table returns nothing", async () => {
    const message = fullMessage(row, from);
    const asked = { ...satisfied(row, message, { may: true }), before: message };
    await store(message);
    transitions.length = 0;
    const sent = jest.spyOn(table.storage.client, "send");

    const changed = await change(verb, message, asked);

    const [[command]] = sent.mock.calls as unknown as [[{ readonly input: object }]];
    sent.mockRestore();
    expect(command.input).not.toHaveProperty("ReturnValues");
    expect(changed).toEqual({ kind: "done", message: evolve(verb, message, asked) });
    expect(await stored(message)).toEqual(evolve(verb, message, asked));
    expect(transitions).toMatchObject([{ verb, from, to: row.to }]);
  });

  test("and is refused by what somebody else has made of it meanwhile", async () => {
    const message = fullMessage(row, from);
    const current = { ...message, status: "CANCELLED" } as const;
    await store(current);

    const changed = await change(verb, message, {
      ...satisfied(row, message, { may: true }),
      before: message,
    });

    expect(changed).toEqual({ kind: "lost", current });
  });
});

describe("no message", () => {
  test.each(changeVerbs)("is there after an attempt to %s one", async (verb) => {
    const row: Row = lifecycle[verb];
    const message = fullMessage(row, row.from[0] ?? "PENDING");

    const changed = await change(verb, message, satisfied(row, message, { may: true }));

    expect(changed).toEqual({ kind: "lost", current: undefined });
    expect(await stored(message)).toBeUndefined();
  });
});

type Violation = {
  readonly verb: ChangeVerb;
  readonly broken: string;
  readonly status: Status;
  readonly of: (message: Message, asked: AnyChange) => readonly [Message, AnyChange];
};

/** For every condition of every row, each way in which that one does not hold. */
const violations = changeVerbs.flatMap((verb): readonly Violation[] => {
  const row: Row = lifecycle[verb];
  const ways = [
    ...row.seen.flatMap((field) => [
      {
        broken: `${field} is another than was seen`,
        of: (message: Message, asked: AnyChange) =>
          [message, { ...asked, seen: { ...asked.seen, [field]: -1 } }] as const,
      },
      {
        broken: `${field} is there and was not seen`,
        of: (message: Message, asked: AnyChange) =>
          [message, { ...asked, seen: { ...asked.seen, [field]: undefined } }] as const,
      },
      {
        broken: `${field} was seen and is not there`,
        of: (message: Message, asked: AnyChange) => [without(message, [field]), asked] as const,
      },
    ]),
    ...row.notAfter.map((field) => ({
      broken: `${field} is a millisecond late`,
      of: (message: Message, asked: AnyChange) =>
        [
          message,
          { ...asked, notAfter: { ...asked.notAfter, [field]: Number(message[field]) - 1 } },
        ] as const,
    })),
    ...row.absent.map((field) => ({
      broken: `${field} is there`,
      of: (message: Message, asked: AnyChange) =>
        [{ ...message, [field]: everything[field] }, asked] as const,
    })),
    ...row.present.map((field) => ({
      broken: `${field} is not there`,
      of: (message: Message, asked: AnyChange) => [without(message, [field]), asked] as const,
    })),
  ];
  // `attempts` and `replays` are always there.
  const possible = ways.filter(({ broken }) => !/^(attempts|replays) was seen/.test(broken));
  return possible.flatMap((way) => row.from.map((status) => ({ verb, status, ...way })));
});

describe("one condition that does not hold", () => {
  test.each(violations)(
    "refuses to $verb a $status message: $broken",
    async ({ verb, status, of }) => {
      const row: Row = lifecycle[verb];
      const whole = fullMessage(row, status);
      const [message, asked] = of(whole, satisfied(row, whole, { may: true }));
      await store(message);

      const changed = await change(verb, message, asked);

      expect(allows(verb, message, asked)).toBe(false);
      expect(changed).toEqual({ kind: "lost", current: message });
      expect(await stored(message)).toEqual(message);
    },
  );
});

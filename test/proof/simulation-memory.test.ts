import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { entryOf } from "../../domain/action-entry.ts";
import type { AnyChange } from "../../domain/change.ts";
import { newJob, nextRevision } from "../../domain/job.ts";
import { type ChangeVerb, changeVerbs, lifecycle, type Row } from "../../domain/lifecycle.ts";
import type { Message } from "../../domain/message.ts";
import { noOutcomes } from "../../domain/outcome-counts.ts";
import { tableDescription } from "../../entities/table.ts";
import { inMemory } from "../../proof/simulation/backing.ts";
import { enter, undisturbed } from "../../proof/simulation/outside.ts";
import { type Stores, storesOver } from "../../proof/simulation/process.ts";
import type { Table } from "../../proof/simulation/table.ts";
import { aMessage, t0 } from "../support/messages.ts";
import { openTable, type RawItem, type TestTable } from "../support/table.ts";

/**
 * Most runs of the simulation are over plain items, without ElectroDB, the SDK and dynalite. So the
 * product's own stores are run over plain items and over an engine side by side, and must not be
 * able to tell them apart.
 */
let real: TestTable;
let memory: Table;
let stores: readonly Stores[];

beforeAll(async () => {
  real = await openTable();
  stores = [storesOver(real.storage), inMemory.stores];
});
afterAll(() => real.close());

const secondMs = 1000;
const body = Buffer.from([0, 1, 255]);

type Step = {
  readonly id: string;
  readonly what: string;
  /** Two small numbers of which the arguments are made. */
  readonly one: number;
  readonly two: number;
  readonly isPast: boolean;
};

/** A value for every field that a verb may write. */
const valuesAt = (now: number): Partial<Message> => ({
  ...{ owner: `owner-${now}`, leaseUntil: now + 5 * secondMs, failReason: "gone" },
  lastOutcome: { attempt: 1, class: "status", status: undefined, at: now },
  ...{ notBefore: now, dueAt: now + secondMs, dueShard: "0", failedShard: "shop#0" },
  ...{ cancelRequestedAt: now, attemptsAllowed: 9, attemptsBefore: 1, erasedAt: now },
  ...{ payload: true, giveUpAt: now + 9 * secondMs, ttl: Math.ceil(now / 1000) + 9 },
});

const changeOf = (row: Row, { one, two, isPast }: Step, seen: Message | undefined): AnyChange => {
  const now = t0 + two * secondMs;
  const given = valuesAt(now);
  const limits = row.notAfter.map((field) => [field, isPast ? now + 60 * secondMs : now - 1]);
  const set = [...row.set, ...row.maySet].map((field) => [field, given[field]]);
  return {
    ...{ now, owner: `owner-${now}` },
    // As it is, or as somebody saw it who is late.
    seen: one === 2 ? { ...seen, attempts: one } : seen,
    notAfter: Object.fromEntries(limits),
    set: Object.fromEntries(set),
  };
};

const messageIn = ({ id, one, two, isPast }: Step): Message =>
  aMessage({
    ...{ senderId: "shop", messageId: id, createdAt: t0 + two * secondMs },
    ...{ submitId: `submit-${one}`, dueShard: "0", body: one === 0 ? new Uint8Array() : body },
    headers: { "x-shop": "one", constructor: "two" },
    ...(two === 3 && { unlisted: true }),
    ...(isPast && { ttl: Math.floor(t0 / 1000) - 1 }),
  });

const dueAsk = (limit: number, cursor: string | null) => ({
  // Later than all of them are due.
  ...{ dueShard: "0", now: t0 + 86_400_000, limit, cursor },
});

const jobOf = ({ id, one, two }: Step) => ({
  ...newJob(
    {
      action: "replay",
      filter: { target: { kind: "host", hostname: "a.example" } },
      ratePerSecond: 1,
    },
    {
      ...{ senderId: "shop", jobId: `job-${id}`, before: t0, writeId: `write-${two}`, now: t0 },
      ...{ plan: { count: one, isExact: false, writeUnits: 0 }, dueShard: "0", by: { keyId: "k" } },
    },
  ),
  revision: 1 + one,
});

const listOf = (one: number) => ({
  ...{ index: (["bySender", "due", "failed"] as const)[one] ?? "due", senderId: "shop", shard: 0 },
});

const entryIn = (step: Step) =>
  entryOf(messageIn(step), {
    ...{ entryId: `entry-${step.two}`, action: "replay", at: t0 + step.one },
    by: { keyId: `key-${step.two}`, address: undefined },
    asked: { attempts: 2 },
  });

type Act = (stores: Stores, step: Step) => Promise<unknown>;

const ofMessages: Readonly<Record<string, Act>> = {
  submit: ({ messages }, step) => messages.submit(messageIn(step)),
  get: ({ messages }, step) => messages.get(messageIn(step), t0 + step.two * secondMs),
  fitsInline: async ({ messages }, step) =>
    [1, 400, 1000].map((chars) =>
      messages.fitsInline({ ...messageIn(step), body: Buffer.alloc(chars) }),
    ),
  due: async ({ messages }, { one }) => {
    const page = await messages.due(dueAsk(1 + one, null));
    const next = page.cursor === null ? null : await messages.due(dueAsk(1 + one, page.cursor));
    const cursorOf = (cursor: string | null) => (cursor === null ? null : JSON.parse(cursor));
    const seen = [page, next].map((each) => each && { ...each, cursor: cursorOf(each.cursor) });
    return seen;
  },
  quarantine: async ({ messages }, { one, two }) => {
    const { items } = await messages.due(dueAsk(2, null));
    const [item] = items;
    const seen = item && one === 0 ? { ...item, raw: { ...item.raw, ttl: { N: "1" } } } : item;
    return seen && messages.quarantine(seen, { now: t0 + two, dueAt: t0 + 7_200_000 });
  },
  list: async ({ lists }, { one, two }) => {
    const start = { range: { from: 0, to: t0 + 86_400_000 } };
    const { entries, next } = await lists.entries(listOf(one), start, 1 + two);
    const more = next && (await lists.entries(listOf(one), next, 1 + two));
    const { found, unread } = await lists.read(entries);
    return { entries, next, more, found, unread };
  },
};

const besideMessages: Readonly<Record<string, Act>> = {
  putPayload: async ({ payloads }, step) => {
    const message = messageIn(step);
    await payloads.put({ ...message, ttl: message.ttl + step.two }, { headers: { a: "b" }, body });
    return payloads.get(message);
  },
  keepPayload: ({ payloads }, step) => {
    const message = messageIn(step);
    return payloads.keepUntil(message, message.ttl + step.two);
  },
  erasePayload: ({ payloads }, step) => payloads.erase(messageIn(step)),
  recordAttempt: async ({ attempts }, step) => {
    const { senderId, messageId, submitId, ttl } = messageIn(step);
    await attempts.record({
      ...{ senderId, messageId, submitId, ttl, number: step.two + 1, startedAt: t0 },
      ...{ durationMs: 1, timings: { dnsMs: 1, tlsMs: undefined }, class: "status" },
      responseText: step.isPast ? undefined : "text",
    });
    return attempts.of(messageIn(step));
  },
  keepAttempt: ({ attempts }, step) => {
    const message = messageIn(step);
    return attempts.keepUntil({ ...message, number: step.two + 1 }, message.ttl + step.one);
  },
  eraseResponses: ({ attempts }, step) => attempts.eraseResponses(messageIn(step)),
  recordAction: ({ actions }, step) => actions.record(entryIn(step)),
  getAction: ({ actions }, step) => actions.get(entryIn(step)),
  refuseAction: ({ actions }, step) => actions.refuse(entryIn(step)),
  keepAction: ({ actions }, step) => actions.keepUntil(entryIn(step), entryIn(step).ttl + step.two),
  actionsOf: ({ actions }, step) => actions.of(messageIn(step)),
  createJob: ({ jobs }, step) => jobs.create(jobOf(step)),
  getJob: ({ jobs }, step) => jobs.get(jobOf(step), t0),
  replaceJob: ({ jobs }, step) =>
    jobs.replace(nextRevision(jobOf(step), { now: t0, writeId: `write-${step.two}` })),
  count: ({ outcomes }, { one, two }) => {
    const counts = { ...noOutcomes, completed: one, delivery: [one, 0, two] };
    return outcomes.add({ senderId: "shop", shard: 0, from: 60_000 * one }, counts, 1000 + two);
  },
  counts: ({ outcomes }, { one, two }) =>
    outcomes.between(
      { senderId: "shop", shard: 0 },
      { from: 60_000 * one, to: 60_000 * (one + two + 1) },
    ),
  enrol: async ({ senders, apiKeys, senderEntries, keyEntries }, { id, one }) => {
    const sealed = `sealed-${one}`;
    const createdAt = t0 + one;
    await senderEntries.add(id);
    await keyEntries.add(id, `hash-${one}`.padEnd(43, "x"));
    await apiKeys.create({
      ...{ hash: `hash-${one}`, senderId: id, scopes: ["messages:read"], label: "x", createdAt },
    });
    return senders.create({ senderId: id, createdAt, signingSecrets: [{ sealed, createdAt }] });
  },
  known: async ({ senders, apiKeys }, { id, one }) => [
    await senders.get(id),
    await apiKeys.get(`hash-${one}`),
  ],
  revoke: ({ apiKeys }, { one, two }) => apiKeys.revoke(`hash-${one}`, t0 + two),
};

const acts = { ...ofMessages, ...besideMessages };

/** Makes one step over one of the two, and says what the product saw of it. */
const made = async (over: Stores, step: Step): Promise<unknown> => {
  const act = acts[step.what];
  if (act) return act(over, step);
  const verb = step.what as ChangeVerb;
  const key = { senderId: "shop", messageId: step.id };
  const seen = await over.messages.get(key, 0);
  return over.messages[verb](key, changeOf(lifecycle[verb], step, seen) as never);
};

const anyStep: fc.Arbitrary<Step> = fc.record({
  id: fc.constantFrom("order-1", "order-2", "an#other%"),
  what: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...changeVerbs) },
    { weight: 2, arbitrary: fc.constantFrom("submit", "enqueue", "claim", "retry", "complete") },
    { weight: 2, arbitrary: fc.constantFrom(...Object.keys(ofMessages)) },
    { weight: 4, arbitrary: fc.constantFrom(...Object.keys(besideMessages)) },
  ),
  one: fc.integer({ min: 0, max: 2 }),
  two: fc.integer({ min: 0, max: 3 }),
  isPast: fc.boolean(),
});
const anySteps = fc.array(anyStep, { minLength: 4, maxLength: 12 });

const step = (what: string): Step => ({ id: "order-1", what, one: 0, two: 0, isPast: false });
/** A claim must be by its time. */
const claimed: Step = { ...step("claim"), isPast: true };
/** How far the first message is on its way. */
const beginnings: readonly (readonly Step[])[] = [
  [step("submit")],
  [step("submit"), step("recordAttempt"), step("putPayload"), step("recordAction")],
  [step("submit"), claimed],
  [step("submit"), claimed, step("complete")],
  [step("submit"), claimed, step("fail")],
  [step("submit"), step("cancel")],
];

const inOrder = (items: readonly RawItem[]): readonly RawItem[] =>
  items
    .map((item) => Object.fromEntries(Object.entries(item).sort()))
    .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));

const { indexes } = tableDescription;

const expectSameContents = async (): Promise<void> => {
  expect(inOrder(memory.items())).toEqual(inOrder(await real.scan()));
  for (const index of Object.keys(indexes) as (keyof typeof indexes)[]) {
    const names = ["pk", "sk", indexes[index].pk, indexes[index].sk];
    const entries = memory
      .entries(index)
      .map((item) => Object.fromEntries(names.map((name) => [name, item[name]])));
    expect(inOrder(entries)).toEqual(inOrder(await real.scan(index)));
  }
};

const emptied = async (): Promise<void> => {
  const { client, table } = real.storage;
  for (const { pk, sk } of memory.items()) {
    const Key = { pk: { S: String(pk) }, sk: { S: String(sk) } };
    await client.send(new DeleteItemCommand({ TableName: table, Key }));
  }
};

test("plain items and an engine answer alike and hold the same, whatever the stores do", async () => {
  const happened = new Set<string>();

  await fc.assert(
    fc
      .asyncProperty(fc.constantFrom(...beginnings), anySteps, async (beginning, steps) => {
        enter(undisturbed);
        memory = inMemory.openTable();
        for (const step of [...beginning, ...steps]) {
          const [expected, actual] = await Promise.all(stores.map((each) => made(each, step)));
          expect(actual).toEqual(expected);
          const { kind = "answered" } = Object(actual);
          happened.add(`${step.what} ${kind}`);
        }
        await expectSameContents();
      })
      .afterEach(emptied),
    { numRuns: 200, seed: 7 },
  );

  // It is about writes that happen, too, and not only about such as are refused.
  const writes = ["claim", "enqueue", "retry", "complete", "postpone", "cancel", "replay", "erase"];
  expect(writes.filter((verb) => !happened.has(`${verb} done`))).toEqual([]);
  const steps = new Set([...happened].map((each) => each.split(" ")[0]));
  expect(Object.keys(acts).filter((what) => !steps.has(what))).toEqual([]);
});

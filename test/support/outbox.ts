import {
  type TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { expect } from "@jest/globals";
import { Problem } from "../../domain/problem.ts";
import type { OutboxMessage, OutboxOptions } from "../../outbox/index.ts";
import { type Outbox, outboxOver } from "../../outbox/outbox.ts";
import type { Sent } from "../../outbox/sent.ts";
import { masterKey, type Service } from "./service.ts";

/** The settings of the services of the tests, by variable. */
export const testSettings = {
  ...{ POSTRIDER_ALLOW_TARGETS: "127.0.0.0/8", POSTRIDER_ALLOW_HTTP: "allowed-ranges" },
  ...{ POSTRIDER_RETRY_SCHEDULE: "5s,30s,2m", POSTRIDER_SHARDS: "2" },
};

let tokens = 0;

/** An outbox over the table and the queue of a service, with its clock. */
export const outboxOf = (service: Service, overrides: OutboxOptions = {}): Outbox =>
  outboxOver({
    clock: service.now,
    chance: { random: () => 0.5, token: () => `outbox-${++tokens}` },
  })(service.storage, {
    queue: { client: service.sqs, url: service.queueUrl },
    masterKeys: masterKey.toString("base64"),
    settings: testSettings,
    ...overrides,
  });

const ordersKey = (orderId: string) => ({ pk: { S: `order#${orderId}` }, sk: { S: "order" } });

/** An order of another application in the same table, which may exist once. */
export const orderEntry = (service: Service, orderId: string): TransactWriteItem => ({
  Put: {
    TableName: service.storage.table,
    Item: { ...ordersKey(orderId), total: { N: "7" } },
    ConditionExpression: "attribute_not_exists(pk)",
  },
});

/** Commits a message together with an order. Resolves to why it was cancelled, if it was. */
export const commit = async (
  service: Service,
  sent: Sent,
  orderId: string,
): Promise<readonly (string | undefined)[] | undefined> => {
  try {
    await service.storage.client.send(
      new TransactWriteItemsCommand({
        TransactItems: [orderEntry(service, orderId), ...sent.entries],
      }),
    );
    return undefined;
  } catch (error) {
    const { CancellationReasons: reasons } = error as TransactionCanceledException;
    if (!reasons) throw error;
    return reasons.map(({ Code }) => Code);
  }
};

type Refusal = { readonly code: string; readonly issues: readonly unknown[] };

/** What the outbox refuses a message for; nothing if it takes it. */
const refusalOf = async (outbox: Outbox, message: unknown): Promise<Refusal | undefined> => {
  try {
    await outbox.send(message as OutboxMessage);
    return undefined;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { code: error.code, issues: error.issues };
  }
};

/** A JSON text that its value gives again, or nothing: the outbox is given values, not texts. */
const valueIn = (text: string): { readonly value: unknown } | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? { value } : undefined;
  } catch {
    return undefined;
  }
};

const outboxes = new WeakMap<object, Outbox>();
const doors: readonly unknown[] = [202, 400, 413];

/**
 * Expects of the outbox what the HTTP door answered to a submit: the same refusal with the same
 * issues, or none. Not where the key decides, or the id is taken: both are no rules of a message.
 */
export const expectSameAtOutbox = async (
  service: Service,
  text: string,
  { status, json }: { readonly status: number; readonly json: Refusal },
  overrides: OutboxOptions = {},
): Promise<void> => {
  const given = valueIn(text);
  if (!given || !doors.includes(status)) return;
  const outbox = outboxes.get(service) ?? outboxOf(service, overrides);
  outboxes.set(service, outbox);
  const { code, issues = [] } = json;

  const refusal = await refusalOf(outbox, given.value);

  expect(refusal).toEqual(status === 202 ? undefined : { code, issues });
};
